"""What several tests of the store need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pyarrow as pa
import pytest

from sllm_core import testing
from sllm_core.findings import Finding, finding_id, pattern_name
from sllm_core.records import COUNTS, EXAMPLES, Window
from sllm_core.store import Commit, Store

HOUR = timedelta(hours=1)
Fill = Callable[..., list[int]]
"""`fill(store, ["a message"], hour=0)`: the ids of the messages, which a closed window of that hour has, one each."""


@pytest.fixture
def fill() -> Fill:
    """Commits a window of messages, and a finding that names their patterns."""
    return _fill


def _fill(store: Store, messages: Sequence[str], hour: int = 0) -> list[int]:
    ids = store.patterns.assign("app", pa.array(messages, pa.string()))
    start = testing.START + hour * HOUR
    counts = _table(COUNTS, len(ids), {"slot": ids * 0, "pattern": ids, "count": ids * 0 + 1})
    examples = _table(EXAMPLES, len(ids), {"pattern": ids, "message": list(messages)})
    named: list[int] = ids.tolist()
    finding = Finding(
        id=finding_id("a", "app", "shard", start),
        analyzer="a",
        label="x",
        source="app",
        patterns=tuple(named),
        facts={"patterns": [{"id": pattern_name(each), "count": 1} for each in named]},
    )
    store.commit(Commit("run", "app", "shard", (Window(start, start + HOUR, 0, counts, examples),), (finding,)))
    return named


def _table(schema: pa.Schema, rows: int, values: dict[str, object]) -> pa.Table:
    arrays = [
        pa.array(values[each.name]).cast(each.type) if each.name in values else pa.nulls(rows, each.type)
        for each in schema
    ]
    return pa.table(arrays, schema=schema)
