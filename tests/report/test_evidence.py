from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from sllm_core.records import EXAMPLES
from sllm_core.report.evidence import Examples
from sllm_core.report.report import Evidence

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def examples(*rows: tuple[int, int, str]) -> Examples:
    """Examples of pattern, minute and message; the origin is `a@` and the minute."""
    columns = {
        "pattern": [pattern for pattern, _, _ in rows],
        "origin": [f"a@{minute}" for _, minute, _ in rows],
        "timestamp": [START + timedelta(minutes=minute) for _, minute, _ in rows],
        "message": [message for _, _, message in rows],
    }
    return Examples(pa.table(columns, schema=EXAMPLES), lambda ids: ids, UTC)


def shown(found: Examples, patterns: list[int], *origins: str, until: int = 59, limit: int = 5) -> list[str]:
    ids, last = np.array(patterns, np.uint64), START + timedelta(minutes=until)
    return [each.text for each in found.evidence(ids, origins, START, last, limit)]


def test_records_of_different_patterns_come_before_more_of_one() -> None:
    found = examples((1, 0, "a"), (1, 1, "a again"), (2, 2, "b"))
    assert shown(found, [1, 2], limit=2) == ["a", "b"]
    assert shown(found, [1, 2]) == ["a", "a again", "b"]


def test_records_outside_the_time_are_left_out_unless_they_are_named() -> None:
    found = examples((1, 0, "in"), (1, 30, "out"))
    assert shown(found, [1], until=10) == ["in"]
    assert shown(found, [1], "a@30", until=10, limit=1) == ["out"]


def test_other_patterns_are_no_evidence() -> None:
    assert shown(examples((1, 0, "a"), (2, 1, "b")), [2]) == ["b"]


def test_hostile_lines_are_made_plain_and_cut() -> None:
    found = examples((1, 0, "\x1b]0;title\x07" + "x" * 900))
    (line,) = found.evidence(np.array([1], np.uint64), (), START, START)
    assert line == Evidence(START, "\\x1b]0;title\\x07" + "x" * 283 + "…", "a@0")


def test_a_record_that_is_there_twice_is_shown_once() -> None:
    assert shown(examples((1, 0, "a"), (1, 0, "a")), [1]) == ["a"]


def test_of_some_patterns_and_origins_the_evidence_is_the_same() -> None:
    every = examples((1, 0, "a"), (2, 1, "b"), (3, 2, "c"), (1, 3, "d"))
    few = every.about(np.array([1], np.uint64), ["a@2"])
    assert shown(few, [1], "a@2") == shown(every, [1], "a@2") == ["a", "c", "d"]
    assert shown(few, [2]) == []
