from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sllm_core.models.turns import Turns

Run = Callable[[Coroutine[Any, Any, Any]], Any]


class Gate:
    """Lets all through while it is `wide`; `out` counts tickets that were not given back unused."""

    def __init__(self, wide: bool = True) -> None:
        self.wide, self.out = wide, 0

    def admit(self) -> int | None:
        self.out += self.wide
        return self.out if self.wide else None

    def abandoned(self, ticket: int) -> None:
        self.out -= 1


@given(st.lists(st.sampled_from([0.0, 1.0, 2.5])), st.integers(1, 3))
def test_the_highest_priority_comes_first_and_of_equals_the_first(run: Run, priorities: list[float], room: int) -> None:
    async def order() -> list[int]:
        turns, came = Turns(lambda: room, gate := Gate(wide=False)), []

        async def one(place: int) -> None:
            await turns.take(priorities[place], place)
            came.append(place)
            turns.give_back()

        async with asyncio.TaskGroup() as group:
            for place in range(len(priorities)):
                group.create_task(one(place))
            await asyncio.sleep(0)
            gate.wide = True
            turns.wake()
        return came

    assert run(order()) == sorted(range(len(priorities)), key=lambda place: (-priorities[place], place))


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 8)), max_size=20), st.integers(1, 3))
def test_never_more_than_there_is_room_for_and_none_is_lost_whoever_leaves(
    run: Run, cases: list[tuple[int, int, int]], room: int
) -> None:
    async def high_water() -> int:
        turns, most = Turns(lambda: room, Gate()), 0

        async def one(place: int, start: int, length: int) -> None:
            nonlocal most
            await asyncio.sleep(start)
            await turns.take(0.0, place)
            most = max(most, turns.running)
            try:
                await asyncio.sleep(length)
            finally:
                turns.give_back()

        tasks = [asyncio.create_task(one(place, *case[:2])) for place, case in enumerate(cases)]
        for task, (*_, leave) in zip(tasks, cases, strict=True):
            asyncio.get_running_loop().call_later(leave, task.cancel)
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (turns.running, turns.waiting) == (0, 0)
        return most

    assert run(high_water()) <= room


def test_a_turn_that_was_given_to_one_who_just_left_goes_to_the_next(run: Run) -> None:
    async def both() -> tuple[int | None, int]:
        turns = Turns(lambda: 1, gate := Gate(wide=False))
        first, second = (asyncio.create_task(turns.take(0.0, place)) for place in range(2))
        await asyncio.sleep(0)
        gate.wide = True
        turns.wake()
        first.cancel()
        return await second, gate.out

    ticket, out = run(both())
    assert ticket is not None and out == 1


def test_those_who_left_do_not_fill_the_queue(run: Run) -> None:
    async def size() -> int:
        turns = Turns(lambda: 1, Gate(wide=False))
        for place in range(500):
            task = asyncio.create_task(turns.take(0.0, place))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        return len(turns._queue)

    assert run(size()) < 50


def test_all_who_wait_can_be_sent_away(run: Run) -> None:
    async def answers() -> list[int | None]:
        turns = Turns(lambda: 1, Gate(wide=False))
        tasks = [asyncio.create_task(turns.take(0.0, place)) for place in range(3)]
        await asyncio.sleep(0)
        turns.dismiss()
        return await asyncio.gather(*tasks)

    assert run(answers()) == [None] * 3
