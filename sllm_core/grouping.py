"""Rows of equal values in columns, found by hashing: of many, only what is distinct is ever sorted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sllm_core.buffers import is_present, to_arrow, to_numpy

Ints = NDArray[np.int64]
Number = TypeVar("Number", bound=np.integer)

MISSING = -1
"""The place of a name that is not there."""

_LARGEST = (1 << 63) - 1
_SMALL = 1 << 16
_FEW = 500
"""Fewer values than these are sorted in half the time that it takes to hash them."""


def groups(first: NDArray[np.integer], *others: NDArray[np.integer]) -> tuple[Ints, Ints]:
    """The group of each row (n,), numbered as they are met, and the first row of each group (m,), ascending.

    Rows are of one group where all columns (n,) are equal. `first` may have any values, `others` none below 0.
    """
    key = _combined(first, others, _codes)
    codes = _codes(key)
    return codes.astype(np.int64), _first(codes)


def run_groups(first: NDArray[np.integer], *others: NDArray[np.integer]) -> tuple[Ints, Ints]:
    """As `groups`, quickly where most rows lie beside others of their group."""
    other = np.ones(len(first), bool)
    other[1:] = np.any([column[1:] != column[:-1] for column in (first, *others)], axis=0)
    begins = np.flatnonzero(other)
    place, found = groups(first[begins], *(column[begins] for column in others))
    return np.repeat(place, np.diff(begins, append=len(first))), begins[found]


def sorted_groups(first: NDArray[np.integer], *others: NDArray[np.integer]) -> tuple[Ints, Ints]:
    """The rows in ascending order by the columns (n,), and the places in it (m,) where others follow.

    `first` may have any values, `others` none below 0.
    """
    key = _combined(first, others, lambda values: distinct(values)[1])
    order = np.argsort(key)
    row = key[order]
    new = row[1:] != row[:-1]
    return order, np.flatnonzero(np.concatenate([np.ones(1, bool), new])) if len(row) else order


def distinct(values: NDArray[Number]) -> tuple[NDArray[Number], Ints]:
    """The distinct values (m,), ascending, and for each value (n,) its place among them."""
    if len(values) < _FEW:
        return _sorted(values)
    encoded = to_arrow(values).dictionary_encode()
    found: NDArray[Number] = to_numpy(encoded.dictionary)
    order = np.argsort(found)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return found[order], rank[to_numpy(encoded.indices)]


def ranks(key: NDArray[np.integer]) -> Ints:
    """How many of the same key stand before each row (n,)."""
    few = int(key.min(initial=0)) >= 0 and int(key.max(initial=0)) < _SMALL
    codes = key.astype(np.int64) if few else _codes(key)
    size = np.bincount(codes)
    # numpy sorts numbers of 16 bits by radix, several times as fast as larger ones.
    order = np.argsort(codes.astype(np.uint16) if len(size) <= _SMALL else codes, kind="stable")
    found = np.empty(len(codes), np.int64)
    found[order] = np.arange(len(codes)) - np.repeat(np.cumsum(size) - size, size)
    return found


def among(values: NDArray[np.integer], wanted: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Which values (n,) are among those wanted, which are of the same type."""
    if len(values) < _FEW and 0 < len(wanted) < _FEW:
        ascending = np.sort(wanted)
        places = np.minimum(np.searchsorted(ascending, values), len(ascending) - 1)
        same: NDArray[np.bool_] = ascending[places] == values
        return same
    found: NDArray[np.bool_] = to_numpy(pc.is_in(to_arrow(values), value_set=to_arrow(wanted)))
    return found


def names(column: pa.Array | pa.ChunkedArray) -> tuple[list[str | None], Ints]:
    """Names among which are those of a column (strings, or a dictionary of them), and for each row (n,) the place of
    its name; MISSING where there is none."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    encoded = whole if pa.types.is_dictionary(whole.type) else whole.dictionary_encode()
    places = to_numpy(encoded.indices).astype(np.int64)
    if encoded.indices.null_count:
        places[~is_present(encoded.indices)] = MISSING
    return encoded.dictionary.to_pylist(), places


def _sorted(values: NDArray[Number]) -> tuple[NDArray[Number], Ints]:
    order = np.argsort(values)
    ascending = values[order]
    new = np.ones(len(values), bool)
    np.not_equal(ascending[1:], ascending[:-1], out=new[1:])
    place = np.empty(len(values), np.int64)
    place[order] = np.cumsum(new) - 1
    return ascending[new], place


def _first(codes: NDArray[np.int32]) -> Ints:
    highest = np.maximum.accumulate(codes)
    return np.flatnonzero(np.concatenate([np.ones(1, bool), highest[1:] > highest[:-1]])) if len(codes) else highest


def _combined(
    first: NDArray[np.integer],
    others: Sequence[NDArray[np.integer]],
    numbered: Callable[[NDArray[np.integer]], NDArray[np.integer]],
) -> NDArray[np.integer]:
    """One number for each row that stands for its values in all columns, in their order if `numbered` keeps it."""
    key = first
    for column in others:
        size = int(column.max(initial=0)) + 1
        if _reach(key) * size > _LARGEST:
            key, column = numbered(key), numbered(column)
            size = int(column.max(initial=0)) + 1
        key = key.astype(np.int64, copy=False) * size + column
    return key


def _reach(key: NDArray[np.integer]) -> int:
    return max(abs(int(key.min(initial=0))), abs(int(key.max(initial=0)))) + 1


def _codes(key: NDArray[np.integer]) -> NDArray[np.int32]:
    codes: NDArray[np.int32] = to_numpy(to_arrow(key).dictionary_encode().indices)
    return codes
