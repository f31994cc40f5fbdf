"""What the headers of messages tell about their records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sllm_core.records import NAME

if TYPE_CHECKING:
    from aiokafka.structs import ConsumerRecord

HEADERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"service": ("service", "service.name"), "host": ("host", "host.name")}
)
"""Columns, and the headers that fill them where a record says nothing itself."""


def with_headers(records: pa.Table, places: NDArray[np.int64], messages: Sequence[ConsumerRecord]) -> pa.Table:
    """The records with service and host from the headers of their messages, where they have none of their own.

    `places` (n,) are the offsets of the messages that the records stand in.
    """
    bearers = [each for each in messages if each.headers]
    for column, names in HEADERS.items() if bearers and len(records) else ():
        told = {each.offset: text for each in bearers if (text := _told(each, names))}
        if told and records[column].null_count:
            found = _at(told, places)
            filled = pc.coalesce(records[column].cast(pa.string()), pa.chunked_array([found])).cast(NAME)
            records = records.set_column(records.schema.get_field_index(column), column, filled)
    return records


def _told(message: ConsumerRecord, names: tuple[str, ...]) -> str:
    found = (value for name, value in message.headers if name.lower() in names and value)
    return next((value.decode(errors="replace").strip() for value in found), "")


def _at(told: Mapping[int, str], places: NDArray[np.int64]) -> pa.Array:
    """The texts for the places, missing where there is none; `told` ascends."""
    known = np.fromiter(told, np.int64, len(told))
    nearest = np.searchsorted(known, places).clip(max=len(known) - 1)
    texts: pa.Array = pa.array(list(told.values())).take(pa.array(nearest, mask=known[nearest] != places))
    return texts
