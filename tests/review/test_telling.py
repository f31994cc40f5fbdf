from __future__ import annotations

from datetime import timedelta

from sllm_core.findings import Finding
from sllm_core.review.telling import Untold, urgency
from sllm_core.testing import START

HOUR = timedelta(hours=1)


def finding(id: str, label: str = "summary", analyzer: str = "summary", hour: int = 0) -> Finding:
    start = START + hour * HOUR
    return Finding(id=id, analyzer=analyzer, label=label, source="s", window=(start, start + HOUR))


def test_the_worst_is_told_first_and_of_equals_the_latest() -> None:
    untold = Untold(9)
    untold.add([finding("a"), finding("b", "warning"), finding("c", "critical"), finding("d", hour=1)])
    assert [untold.take().id for _ in range(4)] == ["c", "b", "d", "a"]


def test_a_later_window_is_never_more_urgent_than_a_worse_one() -> None:
    assert urgency(finding("a", hour=10**6)) < urgency(finding("b", "warning"))


def test_beyond_the_limit_the_least_urgent_give_way() -> None:
    untold = Untold(2)
    untold.add(finding(str(hour), hour=hour) for hour in range(100))
    assert sorted(untold.waiting) == ["98", "99"]


def test_one_analyzer_takes_no_room_from_another() -> None:
    untold = Untold(1)
    untold.add([finding("a"), finding("b", "critical", "anomaly"), finding("c", "critical", "anomaly", 1)])
    assert sorted(untold.waiting) == ["a", "c"]


def test_a_normal_window_needs_no_words_and_no_longer_waits_for_them() -> None:
    untold = Untold(2)
    assert [each.id for each in untold.add([finding("a", "critical"), finding("b", "normal")])] == ["a"]
    assert untold.add([finding("a", "normal")]) == []
    assert len(untold) == 0
