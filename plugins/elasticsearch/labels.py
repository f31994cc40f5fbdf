"""Labels of records as documents beside those of the source: pattern, sentiment, trouble, in columns until the last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray

from sllm_core.findings import pattern_name
from sllm_core.grouping import names
from sllm_core.moments import column_microseconds, moment
from sllm_core.records import LogBatch
from sllm_core.report.observation import level_codes
from sllm_core.report.plain import plain
from sllm_core.report.rows import Judged, judged, level_name
from sllm_plugins.elasticsearch.bulk import Operation
from sllm_plugins.elasticsearch.findings_document import ECS, index_of

if TYPE_CHECKING:
    from sllm_core.components import Context

Ints = NDArray[np.int64]

DAY = 86_400_000_000
ASTRAY = 7 * DAY
"""A record whose time is further than this from its window is kept on the day of the window: times are text from
outside, and each day is an index."""

FIRST, LAST = -62_135_596_800_000_000, 253_402_300_799_999_999
"""The years 1 to 9999, in microseconds since 1970."""

ACTION = b'{"index":{"_index":"%b","_id":"%b"}}\n'
DOCUMENT = b'{"@timestamp":"%bZ",%b%b"ecs":{"version":"%b"},%b"origin":%b,"source":{%b}}}\n'


def label_operations(batch: LogBatch, context: Context, prefix: str) -> list[Operation]:
    """What stores a label for each record of a batch that has core's columns.

    The identity of a label follows from the source and the origin of the record: a record that is read again has the
    same one. Verdicts are asked for once per pattern and level.
    """
    records = batch.records
    origins: list[str] = records["origin"].to_pylist()
    stamped, day = _times(records)
    parts = zip(
        _indices(day, prefix),
        _identities(batch.source, origins),
        np.datetime_as_string(stamped.view("datetime64[us]")).tolist(),
        _named(records["service"], b'"service":{"name":%b},'),
        _named(records["host"], b'"host":{"name":%b},'),
        _judgements(batch, context),
        origins,
        _sources(batch, origins),
        strict=True,
    )
    return [
        Operation(
            index.decode(),
            identity.decode(),
            ACTION % (index, identity)
            + DOCUMENT % (time.encode(), service, host, _ECS, judgement, orjson.dumps(origin), source),
        )
        for index, identity, time, service, host, judgement, origin, source in parts
    ]


_ECS = ECS.encode()


def _times(records: pa.Table) -> tuple[Ints, Ints]:
    """The time of each record, and the day (days since 1970) whose index it goes to."""
    time, window = (column_microseconds(records[name]) for name in ("timestamp", "window"))
    time = np.where((time < FIRST) | (time > LAST), window, time)
    return time, np.where(np.abs(time - window) > ASTRAY, window, time) // DAY


def _indices(day: Ints, prefix: str) -> list[bytes]:
    days, place = np.unique(day, return_inverse=True)
    known = [index_of(prefix, moment(each * DAY)).encode() for each in days.tolist()]
    return [known[each] for each in place.tolist()]


def _identities(source: str, origins: Sequence[str]) -> list[bytes]:
    """32 hexadecimal digits for each origin."""
    seed = blake2b(f"{source}\x1f".encode(), digest_size=16)

    def identity(origin: str) -> bytes:
        state = seed.copy()
        state.update(origin.encode())
        return state.hexdigest().encode()

    return list(map(identity, origins))


def _named(column: pa.ChunkedArray, form: bytes) -> list[bytes]:
    """The form with the name of each record in it, nothing where it has none."""
    known, place = names(column)
    texts = [*(form % orjson.dumps(each) for each in known), b""]
    return [texts[each] for each in place.tolist()]


def _judgements(batch: LogBatch, context: Context) -> list[bytes]:
    """What is known of the pattern and level of each record, up to the record's own part of `sllm`."""
    patterns, place = batch.patterns
    settled = context.patterns.resolve(patterns)[place]
    levels = level_codes(batch.records["level"])
    pairs = judged(settled, levels, np.ones(len(batch), np.int64), context.verdicts)
    known = [_judgement(pairs, each, context.patterns.template) for each in range(len(pairs.pattern))]
    return [known[each] for each in pairs.place.tolist()]


def _judgement(pairs: Judged, row: int, template: Callable[[int], str]) -> bytes:
    pattern, level = int(pairs.pattern[row]), level_name(int(pairs.level[row]))
    about: dict[str, Any] = {
        "event": {"kind": "enrichment", "module": "sllm", "dataset": "sllm.labels"},
        **({"log": {"level": level.lower()}} if level else {}),
        "sllm": {
            "pattern": {"id": pattern_name(pattern), "template": plain(template(pattern), None)},
            "sentiment": str(pairs.sentiment[row]),
            "label": str(pairs.severity[row]),
            "problem": round(float(pairs.problem[row]), 4),
        },
    }
    return orjson.dumps(about)[1:-2] + b","


def _sources(batch: LogBatch, origins: Sequence[str]) -> list[bytes]:
    """The fields of `sllm.source` for each record: the source, and where in it the record stands."""
    begin = orjson.dumps({"name": batch.source, "shard": batch.shard})[1:-1]
    topic, _, partition = batch.shard.rpartition("-")
    if partition.isdecimal() and origins and origins[0].startswith(f"{batch.shard}-"):
        begin += b',"topic":%b,"partition":%d' % (orjson.dumps(topic), int(partition))
        return [begin + _offset(each, len(batch.shard) + 1) for each in origins]
    if origins and origins[0].startswith(f"{batch.shard}@"):
        return [begin] * len(origins)
    return [begin + _document_place(each) for each in origins]


def _offset(origin: str, skip: int) -> bytes:
    """Kafka: the origin is `topic-partition-offset#n`."""
    offset = origin[skip:].partition("#")[0]
    return b',"offset":%b' % offset.encode() if offset.isdecimal() and offset.isascii() else b""


def _document_place(origin: str) -> bytes:
    """Elasticsearch: the origin is `index/_id`."""
    index, slash, identity = origin.partition("/")
    return b',"index":%b,"id":%b' % (orjson.dumps(index), orjson.dumps(identity)) if index and slash else b""
