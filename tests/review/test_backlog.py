from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sllm_core.review.backlog import PILE, Backlog, Waiting


def ids(*numbers: int) -> NDArray[np.uint64]:
    return np.array(numbers, np.uint64)


def backlog(*items: Waiting) -> Backlog:
    known = Backlog()
    known.add(items)
    return known


def test_problems_come_first_and_the_rare_before_the_frequent() -> None:
    items = [Waiting(1, problem=0.1), Waiting(2, problem=0.9, count=1000), Waiting(3, problem=0.9)]
    assert [each.pattern for each in backlog(*items).take(8)] == [3, 2, 1]


def test_of_harmless_patterns_the_frequent_come_first() -> None:
    items = [Waiting(1, problem=0.1), Waiting(2, problem=0.1, count=1000)]
    assert [each.pattern for each in backlog(*items).take(1)] == [2]


def test_what_is_asked_about_is_not_given_out_again_unless_it_is_put_back() -> None:
    known = backlog(Waiting(1))
    taken = known.take(8)
    assert (known.take(8), len(known)) == ([], 1)
    known.put_back(taken)
    assert known.take(8) == taken


def test_one_that_is_to_be_asked_alone_comes_alone() -> None:
    known = backlog(Waiting(1, alone=True, problem=0.9), Waiting(2), Waiting(3, alone=True), Waiting(4))
    assert [[each.pattern for each in known.take(8)] for _ in range(3)] == [[1], [2, 4], [3]]


def test_only_patterns_that_nobody_knows_are_unknown() -> None:
    known = backlog(Waiting(1), Waiting(2, problem=0.9))
    known.take(1)
    known.settle([3])
    assert known.unknown(ids(1, 2, 3, 4)).tolist() == [4]


def test_what_is_settled_does_not_wait() -> None:
    known = backlog(Waiting(1), Waiting(2))
    assert known.settle([1]) == [1]
    known.add([Waiting(1)])
    assert [each.pattern for each in known.take(8)] == [2]


def test_other_weights_settle_nothing_that_the_old_ones_did() -> None:
    known = backlog(Waiting(1))
    known.settle([1, 2])
    known.settle_only([2])
    assert known.unknown(ids(1, 2)).tolist() == [1]


def test_closed_windows_add_to_the_count_and_give_the_rate() -> None:
    known = backlog(Waiting(1, count=3), Waiting(2))
    for _ in range(2):
        known.count(ids(1, 9), np.array([10, 5]), 0.5)
    first = next(each for each in known.take(8) if each.pattern == 1)
    assert (first.count, first.per_hour) == (20, 20)


def test_thousands_of_windows_are_not_kept() -> None:
    known = backlog(Waiting(1))
    for _ in range(3 * PILE):
        known.count(ids(1), np.array([1]), 1.0)
    assert len(known.counted) < PILE


def test_a_pattern_that_gave_way_waits_as_what_it_became() -> None:
    known = backlog(Waiting(1, level="ERROR"))
    assert known.follow(lambda each: each + np.uint64(10)) == []
    (moved,) = known.take(8)
    assert (moved.pattern, moved.names, moved.level) == (11, (1,), "ERROR")


def test_a_pattern_that_gave_way_to_a_settled_one_need_not_wait() -> None:
    known = backlog(Waiting(1))
    known.settle([11])
    assert known.follow(lambda each: each + np.uint64(10)) == [1]
    assert len(known) == 0


def test_a_pattern_is_stored_once_and_only_while_it_waits() -> None:
    known = backlog(Waiting(1), Waiting(2))
    known.settle([2])
    assert [each.pattern for each in known.take_unsaved()] == [1]
    assert known.take_unsaved() == []


def test_what_is_stored_of_a_pattern_gives_it_back() -> None:
    item = Waiting(7, "WARN", "shop", 0.25, 12, 3.5, ("a", "b"), True, 2.0)
    assert Waiting.of(7, item.note) == item
