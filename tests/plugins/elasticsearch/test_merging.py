from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_plugins.elasticsearch.merging import Run
from sllm_plugins.elasticsearch.positions import Hit
from sllm_plugins.elasticsearch.slices import FIRST, PAGE_BYTES, Pages, Slice, merged

keys = st.tuples(st.integers(0, 5), st.integers(0, 3), st.sampled_from("abc"), st.integers(0, 99))


def hit(time: int, number: int, index: str, identity: int) -> Hit:
    return {"_index": index, "_id": f"{identity:02}", "sort": [time, number]}


def key(found: Hit) -> tuple[int, int, str, str]:
    return (*found["sort"], found["_index"], found["_id"])


async def merge(parts: Sequence[Sequence[Hit]], page: int) -> list[Run]:
    """What comes of slices, each in order, in pages of that size."""

    def slice_of(hits: Sequence[Hit]) -> Slice:
        left = sorted(hits, key=lambda each: each["sort"])

        async def fetch(_: Sequence[object] | None) -> tuple[list[Hit], bool]:
            found = left[:page]
            del left[:page]
            return found, len(found) < page

        return Slice(fetch)

    slices = [slice_of(each) for each in parts]
    async with aclosing(merged(slices)) as runs:
        return [run async for run in runs]


@given(st.lists(st.lists(keys, max_size=30), min_size=1, max_size=4), st.integers(1, 12))
def test_slices_come_in_one_order_whatever_the_pages(parts: list[list[tuple[int, int, str, int]]], page: int) -> None:
    hits = [[hit(*each) for each in part] for part in parts]
    found = [each for run in asyncio.run(merge(hits, page)) for each in run.hits]
    assert list(map(key, found)) == sorted(key(each) for part in hits for each in part)


@given(st.lists(st.lists(keys, max_size=30), min_size=1, max_size=4), st.integers(1, 12))
def test_runs_know_the_times_of_their_documents(parts: list[list[tuple[int, int, str, int]]], page: int) -> None:
    for run in asyncio.run(merge([[hit(*each) for each in part] for part in parts], page)):
        assert list(zip(run.times.tolist(), run.numbers.tolist(), strict=True)) == [tuple(e["sort"]) for e in run.hits]


def test_a_document_without_sequence_number_is_taken() -> None:
    assert Run.of([{"_index": "a", "_id": "1", "sort": [5, None]}]).numbers.tolist() == [0]


def test_a_slice_that_fails_ends_the_merge() -> None:
    async def fail(_: Sequence[object] | None) -> tuple[list[Hit], bool]:
        raise ValueError("broken")

    async def failed() -> None:
        slices = [Slice(fail), Slice(fail)]
        try:
            async with aclosing(merged(slices)) as runs:
                async for _ in runs:
                    pass
        finally:
            for each in slices:
                await each.close()

    with pytest.raises(ValueError, match="broken"):
        asyncio.run(failed())


def test_pages_become_smaller_where_documents_are_large() -> None:
    pages = Pages(2000)
    for _ in range(3):
        pages.note(pages.size, pages.size, PAGE_BYTES * 3)
    assert pages.size == FIRST // 8


def test_pages_grow_up_to_what_is_wished() -> None:
    pages = Pages(2000)
    for _ in range(5):
        pages.note(pages.size, pages.size, 1000)
    assert pages.size == 2000
