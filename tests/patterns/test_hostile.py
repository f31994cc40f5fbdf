"""Floods of lines made up to do harm: what they may fill, and how often they may be looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from sllm_core.patterns import PatternTable, merge
from sllm_core.patterns import table as tables

LIMIT, LINES = 2_000, 20_000
KINDS = (
    "new words",
    "combined words",
    "combined names",
    "combined states",
    "new keys",
    "nested pairs",
    "long lines",
    "one giant word",
    "bait for the mask",
    "colliding",
    "unicode",
    "control characters",
    "digits, delimiters",
)
HONEST = [
    "payment failed for order 7",
    "payment accepted for order 7",
    "link down on eth0",
    "link up on eth0",
    "주문 실패: id=7",
    "cart of ann was emptied",
]

Flood = Callable[[str], Iterator[pa.Array]]


@pytest.fixture
def hostile(benchmark_module: Callable[[str], ModuleType]) -> ModuleType:
    return benchmark_module("hostile")


@pytest.fixture
def flood(hostile: ModuleType) -> Flood:
    return lambda kind: hostile.batches(kind, LINES)


def counted(monkeypatch: pytest.MonkeyPatch, where: object, name: str, size: Callable[[Any], int]) -> list[int]:
    """Grows by the size of the first argument of each call."""
    sizes: list[int] = []
    original = getattr(where, name)

    def counting(first: object, *others: object) -> object:
        sizes.append(size(first))
        return original(first, *others)

    monkeypatch.setattr(where, name, counting)
    return sizes


def test_every_hostile_kind_is_tried(hostile: ModuleType) -> None:
    assert {"honest", *KINDS} == set(hostile.KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_flood_fills_no_more_than_the_limit(flood: Flood, kind: str) -> None:
    table, batches = PatternTable(limit=LIMIT, accelerate=False), flood(kind)
    ids = np.concatenate([table.assign("flood", each) for each in batches])
    assert len(table) <= LIMIT + 1
    assert len(table.changes()) <= 4 * LIMIT + 1_000
    others = [each for each in np.unique(ids).tolist() if table.template(each) == "(other messages of flood)"]
    assert table.overflowed("flood") == int(np.isin(ids, others).sum())


@pytest.mark.parametrize("kind", KINDS)
def test_each_line_is_looked_at_once_when_the_source_is_full(
    flood: Flood, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, batches = PatternTable(limit=10, accelerate=False), flood(kind)
    table.assign("flood", next(batches))
    masked = counted(monkeypatch, tables, "mask_all", lambda texts: len(texts))
    taken_apart = counted(monkeypatch, merge, "Outline", lambda _: 1)
    table.assign("flood", second := next(batches))
    assert 0 < sum(taken_apart) <= sum(masked) <= len(second)


@pytest.mark.parametrize("kind", KINDS)
def test_honest_lines_keep_their_ids_in_a_flood(flood: Flood, kind: str) -> None:
    table = PatternTable(limit=LIMIT, accelerate=False)
    expected = table.assign("flood", pa.array(HONEST)).tolist()
    assert len(set(expected)) == len(HONEST)
    for batch in flood(kind):
        mixed = pa.concat_arrays([batch, pa.array(HONEST)])
        assert table.assign("flood", mixed)[len(batch) :].tolist() == expected
    assert table.resolve(np.array(expected, np.uint64)).tolist() == expected


def test_lines_that_imitate_honest_ones_leave_outcomes_apart() -> None:
    table = PatternTable(limit=LIMIT)
    expected = table.assign("app", pa.array(HONEST[:2])).tolist()
    table.assign("app", pa.array([f"payment {chr(97 + n % 26) * (2 + n // 26)} for order 7" for n in range(1_000)]))
    assert table.resolve(np.array(expected, np.uint64)).tolist() == expected


def test_a_flood_leaves_room_for_other_sources() -> None:
    table = PatternTable(limit=10)
    table.assign("flood", pa.array([chr(97 + n % 26) * (1 + n // 26) for n in range(1_000)]))
    table.assign("app", pa.array(HONEST))
    assert table.overflowed("flood") > 0 == table.overflowed("app")


@pytest.mark.parametrize("kind", KINDS)
def test_the_kernel_gives_the_same_ids_to_hostile_lines(flood: Flood, kind: str) -> None:
    pytest.importorskip("llvmlite", reason="needs the extra `fast`")
    few = next(flood(kind)).slice(0, 1_000)
    plain, fast = (PatternTable(limit=500, accelerate=each).assign("flood", few) for each in (False, True))
    assert plain.tolist() == fast.tolist()
