from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.grouping import among, distinct, groups, names, ranks, run_groups, sorted_groups

LARGE = 1 << 62
ROWS = st.lists(st.tuples(st.sampled_from((-LARGE, -1, 0, 5, LARGE)), st.integers(0, 2), st.sampled_from((0, LARGE))))


def columns(rows: list[tuple[int, int, int]]) -> list[np.typing.NDArray[np.int64]]:
    return [np.array([row[place] for row in rows], np.int64) for place in range(3)]


@given(ROWS)
def test_rows_are_of_one_group_where_all_columns_are_equal(rows: list[tuple[int, int, int]]) -> None:
    group, first = groups(*columns(rows))
    met = list(dict.fromkeys(rows))
    assert group.tolist() == [met.index(row) for row in rows]
    assert [rows[each] for each in first.tolist()] == met


@given(ROWS.map(lambda rows: [row for row in rows for _ in range(2)]))
def test_groups_in_runs_are_the_same(rows: list[tuple[int, int, int]]) -> None:
    for found, expected in zip(run_groups(*columns(rows)), groups(*columns(rows)), strict=True):
        assert found.tolist() == expected.tolist()


@given(ROWS)
def test_sorted_groups_follow_the_columns(rows: list[tuple[int, int, int]]) -> None:
    order, first = sorted_groups(*columns(rows))
    assert [rows[each] for each in order.tolist()] == sorted(rows)
    assert [rows[each] for each in order[first].tolist()] == sorted(set(rows))


@given(st.lists(st.integers(0, (1 << 64) - 1)))
def test_distinct_is_what_numpy_finds_by_sorting(values: list[int]) -> None:
    numbers = np.array(values, np.uint64)
    for found, expected in zip(distinct(numbers), np.unique(numbers, return_inverse=True), strict=True):
        assert found.tolist() == expected.tolist()


@given(st.lists(st.sampled_from((0, 1, 5, 1 << 40))), st.sampled_from((np.int64, np.uint64)))
def test_ranks_count_what_stands_before(values: list[int], kind: type[np.integer]) -> None:
    expected = [values[:place].count(each) for place, each in enumerate(values)]
    assert ranks(np.array(values, kind)).tolist() == expected


def test_ranks_of_more_keys_than_16_bits_tell_apart() -> None:
    keys = np.arange(1 << 17) % ((1 << 16) + 1)
    assert ranks(keys).tolist() == (np.arange(1 << 17) // ((1 << 16) + 1)).tolist()


@given(st.lists(st.integers(0, (1 << 64) - 1)), st.lists(st.integers(0, 9)), st.sampled_from((1, 500)))
def test_values_are_among_those_wanted_however_many(values: list[int], wanted: list[int], times: int) -> None:
    numbers = np.array((values + wanted[::2]) * times, np.uint64)
    found = among(numbers, np.array(wanted, np.uint64))
    assert found.tolist() == [each in wanted for each in numbers.tolist()]


def test_some_values_are_among_those_wanted() -> None:
    assert among(np.array([3, 1, 2]), np.array([2, 3, 9])).tolist() == [True, False, True]
    assert among(np.array([3]), np.empty(0, np.int64)).tolist() == [False]


@pytest.mark.parametrize("kind", [pa.string(), pa.dictionary(pa.int8(), pa.string())])
def test_names_have_places_and_missing_ones_none(kind: pa.DataType) -> None:
    column = pa.chunked_array([pa.array(["b", None], kind), pa.array(["a", "b"], kind)])
    every, place = names(column)
    assert [every[each] if each >= 0 else None for each in place.tolist()] == ["b", None, "a", "b"]
