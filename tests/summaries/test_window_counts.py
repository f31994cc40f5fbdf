from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from sllm_core.records import COUNTS, Window
from sllm_core.summaries.window_counts import Ids, asked_once, earlier_errors, severities, window_counts

START = datetime(2024, 3, 4, tzinfo=UTC)
ROWS = (
    (0, "web", "INFO", 7, 5),
    (59, "web", "ERROR", 7, 1),
    (1, None, None, 3, 2),
    (1, "db", "ERROR", 9, 4),
)


def window() -> Window:
    columns = zip(*ROWS, strict=True)
    arrays = [pa.array(each, type=kind.type) for each, kind in zip(columns, COUNTS, strict=True)]
    return Window(START, START + timedelta(hours=1), counts=pa.table(arrays, schema=COUNTS))


def same(patterns: Ids) -> Ids:
    return patterns


def test_columns_become_codes_and_totals() -> None:
    counted = window_counts(window(), same)
    assert (counted.patterns.tolist(), counted.pattern_counts.tolist()) == ([3, 7, 9], [2, 6, 4])
    assert counted.total(counted.service, 2).tolist() == [6, 4]
    assert counted.records == 12


def test_pairs_of_pattern_and_level() -> None:
    pairs = window_counts(window(), same).pairs
    assert list(zip(pairs.pattern.tolist(), pairs.level_names, pairs.count.tolist(), strict=True)) == [
        (0, None, 2),
        (1, "INFO", 5),
        (1, "ERROR", 1),
        (2, "ERROR", 4),
    ]


def test_aliases_are_resolved() -> None:
    counted = window_counts(window(), lambda ids: np.where(ids == 9, 7, ids).astype(np.uint64))
    assert (counted.patterns.tolist(), counted.pattern_counts.tolist()) == ([3, 7], [2, 10])


def test_a_window_is_counted_once_until_its_patterns_lead_elsewhere() -> None:
    closed, leads = window(), {9: 9}
    first, again = (
        window_counts(closed, lambda ids: np.array([leads.get(each, each) for each in ids.tolist()], np.uint64))
        for _ in "ab"
    )
    leads[9] = 7
    later = window_counts(closed, lambda ids: np.array([leads.get(each, each) for each in ids.tolist()], np.uint64))
    assert again is first
    assert (first.patterns.tolist(), later.patterns.tolist()) == ([3, 7, 9], [3, 7])
    assert (
        later.pattern_counts.tolist()
        == window_counts(window(), lambda ids: np.minimum(ids, np.uint64(7))).pattern_counts.tolist()
    )


def test_the_level_decides_and_the_verdict_where_there_is_none() -> None:
    level = np.array([5, 3, 2, -1, -1, -1])
    verdicts = np.array([[1, 0, 0]] * 3 + [[0.1, 0.1, 0.8], [0.3, 0.4, 0.3], [0.9, 0.1, 0]])
    assert severities(level, verdicts).tolist() == [2, 1, 0, 2, 1, 0]


def test_errors_of_earlier_windows_are_estimated_by_pattern() -> None:
    counted = window_counts(window(), same)
    severity = severities(counted.pairs.level, np.tile([1.0, 0, 0], (4, 1)))
    earlier = np.array([7, 9, 11, 12], dtype=np.uint64)
    errors = earlier_errors(counted, severity, earlier, np.full(4, 60), np.array([False, False, True, False]))
    assert errors.tolist() == [10, 60, 60, 0]


def test_an_empty_window_has_no_counts() -> None:
    counted = window_counts(Window(START, START + timedelta(hours=1)), same)
    assert (counted.records, len(counted.pairs.pattern)) == (0, 0)


def test_a_resolver_is_asked_once() -> None:
    asked: list[int] = []

    def resolve(ids: Ids) -> Ids:
        asked.extend(ids.tolist())
        return ids + np.uint64(1)

    once = asked_once(resolve, np.array([5, 3, 5], np.uint64))
    assert once(np.array([3, 5, 3], np.uint64)).tolist() == [4, 6, 4]
    assert asked == [3, 5]
    assert once(np.array([8], np.uint64)).tolist() == [9]
