"""Documents as shippers write them (ECS, Beats, Logstash, Fluent Bit) -> records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sllm_core.buffers import strings
from sllm_core.reading.assembly import time_column
from sllm_core.reading.inner_headers import without_headers
from sllm_core.reading.known_formats import KnownFormats
from sllm_core.reading.levels import level_column
from sllm_core.reading.messages import said_levels
from sllm_core.reading.objects import object_columns
from sllm_core.reading.synonyms import ROLES, normalized
from sllm_core.reading.time_layouts import MISSING
from sllm_core.reading.timestamps import Clock
from sllm_core.records import RECORDS, records_table
from sllm_plugins.elasticsearch.positions import Hit

MICROSECOND = 1_000
"""Nanoseconds."""
MILLISECOND = 1_000_000

ARRIVAL = frozenset({"event.ingested", "event.created"})
"""Fields that tell when a document came, not when what it tells of happened."""


class DocumentReader:
    """Hits of searches -> records; remembers which headers stand in their messages.

    The time of a record is what the server sorts it by, with the microseconds that its text may have besides: the
    server knows in which form and zone a field is written. Where documents are read by when they came, it is the time
    that they tell themselves, else that.

    Args:
        field: by which field they are sorted.
        zone: in which times without one are read that the server does not know.
    """

    def __init__(self, field: str, zone: tzinfo) -> None:
        self._arrival, self._zone = field in ARRIVAL, zone
        self._inner = KnownFormats()

    def read(self, hits: Sequence[Hit], times: NDArray[np.int64]) -> pa.Table:
        """The records of the documents, one each, with the columns of RECORDS; `times` (n,) in nanoseconds."""
        if not hits:
            return RECORDS.empty_table()
        clock = Clock(self._zone, datetime.fromtimestamp(int(times[-1]) / 1e9, UTC))
        objects = [_plain(each.get("_source") or {}) for each in hits]
        found = without_headers(object_columns(objects, clock), self._inner, clock)
        messages, codes = said_levels(found.messages, found.codes, np.zeros(len(hits), bool))
        columns = {
            "origin": strings([f"{each['_index']}/{each['_id']}" for each in hits]),
            "timestamp": time_column(self._times(found.times, times)),
            "message": messages,
            "level": level_column(codes),
        }
        return records_table({**found.strings, **columns}, len(hits))

    def _times(self, told: NDArray[np.int64], sorted_by: NDArray[np.int64]) -> NDArray[np.int64]:
        exact = sorted_by // MICROSECOND
        if self._arrival:
            return np.where(told == MISSING, exact, told)
        finer = (told // 1000 == sorted_by // MILLISECOND) & (sorted_by % MILLISECOND == 0)
        return np.where(finer, told, exact)


def _plain(source: dict[str, Any]) -> Mapping[str, Any]:
    """The document with lists as text where the reader looks for one, since it passes lists over."""
    if list not in map(type, source.values()) and not any(map(_has_list, source.values())):
        return source
    return _unlisted(source)


def _has_list(value: object) -> bool:
    return type(value) is dict and list in map(type, value.values())


def _unlisted(source: Mapping[str, Any], prefix: str = "") -> dict[str, object]:
    return {key: _single(each, prefix + key) for key, each in source.items()}


def _single(value: object, name: str) -> object:
    if isinstance(value, dict):
        return _unlisted(value, f"{name}.")
    if not isinstance(value, list) or not value or normalized(name) not in ROLES:
        return value
    texts = [each for each in value if isinstance(each, str)]
    several = ROLES[normalized(name)][0] in ("message", "stack") and texts
    return "\n".join(texts) if several else value[0]
