from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replay_lists import ListHistory, document
from sllm_core.replay.history import Document, Part
from sllm_core.replay.ranges import RangeStream
from sllm_core.replay.stream import NOWHERE, Step

TIMES = st.lists(st.integers(0, 30), max_size=120)


def documents(times: Sequence[int]) -> list[Document]:
    return [document(time, number) for number, time in enumerate(times)]


def steps(history: ListHistory, mark: object = NOWHERE, grain: int = 5, **span: int | None) -> list[Step]:
    async def read() -> list[Step]:
        stream = RangeStream(history, span.get("since"), span.get("until"), 3)
        await stream.survey()
        return [each async for each in stream.steps(mark, grain)]

    return asyncio.run(read())


def origins(found: Sequence[Step]) -> list[str]:
    return [each.origin for step in found for each in step.documents]


@given(TIMES, st.integers(1, 40))
def test_every_document_comes_once_and_in_order_of_time(times: list[int], grain: int) -> None:
    history = ListHistory(documents(times))
    assert origins(steps(history, grain=grain)) == [each.origin for each in history.all]


@given(TIMES, st.integers(1, 40), st.integers(0, 100))
def test_behind_any_mark_comes_the_rest(times: list[int], grain: int, stop: int) -> None:
    history = ListHistory(documents(times))
    found = steps(history, grain=grain)
    marked = [number for number, step in enumerate(found) if step.mark is not NOWHERE]
    for place in marked[stop % (len(marked) or 1) :][:1]:
        rest = steps(history, found[place].mark, grain=7)
        assert origins(found[: place + 1]) + origins(rest) == origins(found)


@given(TIMES, st.integers(1, 40))
def test_a_step_has_no_more_than_was_asked_for(times: list[int], grain: int) -> None:
    assert all(len(step.documents) <= grain for step in steps(ListHistory(documents(times)), grain=grain))


def test_among_documents_of_one_time_there_is_no_mark() -> None:
    found = steps(ListHistory(documents([5] * 20)), grain=6)
    assert [step.mark for step in found] == [NOWHERE, NOWHERE, NOWHERE, 6]


def test_where_time_goes_on_a_step_ends_there() -> None:
    found = steps(ListHistory(documents([1, 1, 1, 2, 2, 2, 2, 2, 3])), grain=5)
    assert [(len(step.documents), step.mark) for step in found] == [(3, 2), (5, 3), (1, 4)]


def test_only_the_range_is_read() -> None:
    found = steps(ListHistory(documents(range(20))), since=5, until=9)
    assert origins(found) == [f"index/{number}" for number in range(5, 9)]
    assert found[-1].mark == 9


def test_an_empty_range_has_no_step() -> None:
    assert steps(ListHistory([])) == []


def test_what_was_done_before_counts() -> None:
    found = steps(ListHistory(documents(range(100))), 40, grain=10)
    assert [step.done for step in found] == [50, 60, 70, 80, 90, 100]


def test_a_survey_counts_documents_and_parts() -> None:
    survey = asyncio.run(RangeStream(ListHistory(documents(range(100)), part=30), None, None, 3).survey())
    assert (survey.total, survey.documents, survey.parts, survey.first, survey.last) == (100, 100, 4, 0, 100)


def test_a_source_that_breaks_the_order_is_found_out() -> None:
    class Disordered(ListHistory):
        async def documents(self, part: Part) -> AsyncIterator[Sequence[Document]]:
            yield [document(2, 0), document(1, 1)]

    with pytest.raises(RuntimeError, match="list: the documents do not come in order of time"):
        steps(Disordered(documents([1, 2])))


def test_only_so_much_is_read_ahead() -> None:
    history = ListHistory(documents(range(10_000)), part=200)

    async def read() -> int:
        stream = RangeStream(history, None, None, 3).steps(NOWHERE, 10)
        await anext(stream)
        for _ in range(1000):
            await asyncio.sleep(0)
        await stream.aclose()
        return history.given

    assert asyncio.run(read()) < 200
