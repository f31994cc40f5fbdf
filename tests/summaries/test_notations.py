from __future__ import annotations

from weakref import ref

import pyarrow as pa

from sllm_core import testing
from sllm_core.records import TIMESTAMP, LogBatch
from sllm_core.summaries.notations import Notations, RequestRecords

MESSAGES = {1: "GET /a status=200 in 5ms", 2: "path=/b took=7ms", 3: "user logged in", 4: "GET /c status=503 in 9ms"}


def batch(*patterns: int, windows: tuple[int, ...] = ()) -> LogBatch:
    table = testing.records(*(MESSAGES[each] for each in patterns))
    table = table.append_column("pattern", pa.array(patterns, pa.uint64()))
    starts = pa.array(windows or [0] * len(patterns), pa.int64()).cast(TIMESTAMP)
    return LogBatch("test", "test", table.append_column("window", starts))


def notations() -> Notations:
    return Notations(MESSAGES.__getitem__)


def said(told: list[RequestRecords]) -> list[tuple[float, list[int], list[int]]]:
    return [(each.start.timestamp(), each.rows.tolist(), each.statuses.tolist()) for each in told]


def test_requests_are_told_apart_by_notation_and_window() -> None:
    told = notations().requests(batch(3, 2, 1, 4, 1, windows=(0, 0, 0, 1_000_000, 1_000_000)))
    assert said(told) == [(0, [1], [0]), (0, [2], [200]), (1, [3, 4], [503, 200])]


def test_of_answers_the_status_shows() -> None:
    assert said(notations().requests(batch(2, 1, 3), answers=True)) == [(0, [1], [200])]
    assert not notations().requests(batch(3, 2), answers=True)


def test_several_analyzers_find_the_requests_of_a_batch_once() -> None:
    records = batch(1, 2)
    first, second = (notations().requests(records) for _ in range(2))
    assert all(one is other for one, other in zip(first, second, strict=True))


def test_another_example_of_a_pattern_is_another_notation() -> None:
    records = batch(1, 1)
    assert notations().requests(records)
    assert not Notations(lambda _: "user logged in").requests(records)


def test_what_is_kept_of_a_batch_does_not_keep_the_batch() -> None:
    records = batch(1)
    assert notations().requests(records)[0].statuses.tolist() == [200]
    kept = ref(records)
    del records
    assert kept() is None
