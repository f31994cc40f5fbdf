"""What stands in an entry of the queue: the records of one request, and the key under which it came."""

from __future__ import annotations

import json
from dataclasses import asdict

import pyarrow as pa
from pydantic import TypeAdapter

from .known_keys import Done

REQUEST = b"sllm.request"


def pack(table: pa.Table, request: Done | None = None) -> bytes:
    """Records as a stream of Arrow's; the key stands in its schema, so that both are stored, or neither is."""
    if request is not None:
        table = table.replace_schema_metadata({REQUEST: json.dumps(asdict(request))})
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="lz4", unify_dictionaries=True)
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table.combine_chunks().unify_dictionaries())
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


def unpack(entry: bytes) -> pa.Table:
    """The records."""
    with pa.ipc.open_stream(entry) as reader:
        return reader.read_all()


def request_of(entry: bytes) -> Done | None:
    """The request, where it had a key."""
    with pa.ipc.open_stream(entry) as reader:
        told = (reader.schema.metadata or {}).get(REQUEST)
    return None if told is None else TypeAdapter(Done).validate_json(told)
