"""Rows side by side in one sequence, and the order in which they are learnt."""

from __future__ import annotations

from collections import Counter

import pytest

from sllm_plugins.tuners.lora.packing import LEAST, EncodedRow, of_rank, pack, packs, schedule

SHARED = tuple(range(100, 100 + 2 * LEAST))


def row(*own: int, prompt: int = len(SHARED) + 1) -> EncodedRow:
    """A row that begins as all do; its question ends with its first own token."""
    ids = (*SHARED, *own)
    return EncodedRow(ids, tuple(float(place >= prompt) for place in range(len(ids))), prompt)


def test_what_rows_share_comes_once() -> None:
    made = pack([row(1, 2, 3), row(4, 5)])
    assert made.ids == (*SHARED, 1, 2, 3, 4, 5)
    assert made.owners == (*(0,) * len(SHARED), 1, 1, 1, 2, 2)


def test_a_token_stands_where_it_stands_in_its_own_row() -> None:
    begin = len(SHARED)
    assert pack([row(1, 2, 3), row(4, 5)]).positions == (*range(begin), begin, begin + 1, begin + 2, begin, begin + 1)


def test_what_is_learnt_follows_from_the_token_before_it_in_its_own_row() -> None:
    made = pack([row(1, 2, 3), row(4, 5)])
    assert [(made.ids[place], target) for place, target in zip(made.places, made.targets, strict=True)] == [
        (1, 2),
        (2, 3),
        (4, 5),
    ]


def test_the_last_token_of_a_question_is_never_shared() -> None:
    made = pack([row(1, 2), row(1, 3)])
    assert made.owners == (*(0,) * len(SHARED), 1, 1, 2, 2)


def test_one_row_shares_nothing() -> None:
    made = pack([row(1, 2)])
    assert (set(made.owners), made.shares) == ({1}, False)


def test_packs_stay_within_their_length() -> None:
    made = packs([row(number, number) for number in range(10)], len(SHARED) + 6)
    assert [len(each.ids) for each in made] == [len(SHARED) + 6] * 3 + [len(SHARED) + 2]


def test_rows_that_begin_otherwise_are_not_put_together() -> None:
    other = EncodedRow((1, 2, 3), (0.0, 0.0, 1.0), 2)
    assert [each.ids for each in packs([other, row(1, 2)], 1000)] == [(1, 2, 3), row(1, 2).ids]


def test_nothing_is_shared_where_that_is_not_wanted() -> None:
    assert len(packs([row(1, 2), row(3, 4)], 1000, share=False)) == 2


def test_a_row_that_is_too_long_is_a_pack_of_its_own() -> None:
    assert [len(each.ids) for each in packs([row(1, 2)], 3)] == [len(SHARED) + 2]


def test_every_row_is_learnt_once_in_an_epoch() -> None:
    steps = schedule([0] * 10, 4, 3, 1, seed=7)
    assert Counter(each for step in steps for each in step) == dict.fromkeys(range(10), 3)


def test_few_rows_are_seen_more_often() -> None:
    assert len(schedule([0] * 3, 8, 1, 60, seed=7)) == 60


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_follows_from_the_seed(seed: int) -> None:
    made = schedule([0] * 20, 4, 2, 1, seed)
    assert made == schedule([0] * 20, 4, 2, 1, seed)
    assert made != schedule([0] * 20, 4, 2, 1, seed + 1)


def test_rows_of_a_step_begin_alike() -> None:
    groups = [number % 2 for number in range(16)]
    assert all(len({groups[each] for each in step}) == 1 for step in schedule(groups, 4, 2, 1, seed=7))


def test_processes_share_the_rows_of_a_step() -> None:
    rows = [row(number) for number in range(5)]
    assert [each for rank in range(2) for each in of_rank(rows, rank, 2)] == [rows[each] for each in (0, 2, 4, 1, 3)]


def test_a_process_without_a_row_counts_nothing() -> None:
    (only,) = of_rank([row(1, 2)], 1, 2)
    assert (only.ids, only.weight) == (row(1, 2).ids, 0)
