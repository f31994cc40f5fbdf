from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replay_lists import ListHistory, ListOutlet, document
from sllm_core.plugin import PluginError
from sllm_core.replay.history import Document, Part
from sllm_core.replay.job import Standing
from sllm_core.replay.ranges import RangeStream
from sllm_core.replay.rate_limit import RateLimit
from sllm_core.replay.running import Outcome, Replay

ALL = [document(number // 3, number) for number in range(500)]


def ticks() -> Callable[[], float]:
    """A clock by which a transaction may end after every step."""
    seconds = iter(range(10**9))
    return lambda: float(next(seconds))


async def at_once(seconds: float) -> None:
    await asyncio.sleep(0)


def replay(outlet: ListOutlet, history: ListHistory | None = None, again: bool = False) -> Replay:
    stream = RangeStream(history or ListHistory(ALL), None, None, 3)
    return Replay(stream, outlet, RateLimit(40, sleep=at_once), monotonic=ticks(), again=again)


def run(outlet: ListOutlet, history: ListHistory | None = None, again: bool = False) -> Outcome:
    async def whole() -> Outcome:
        running = replay(outlet, history, again)
        await running.begin()
        return await running.run()

    return asyncio.run(whole())


def origins(outlet: ListOutlet) -> list[str]:
    return [each.origin for each in outlet.committed]


def test_everything_is_sent_once_and_in_order() -> None:
    outlet = ListOutlet()
    outcome = run(outlet)
    assert origins(outlet) == [each.origin for each in ALL]
    assert (outcome.documents, outcome.standing.documents) == (500, 500)


def test_the_same_again_sends_nothing() -> None:
    outlet = ListOutlet()
    run(outlet)
    outcome = run(outlet)
    assert (outcome.documents, outcome.standing.documents, len(outlet.committed)) == (0, 500, 500)


def test_what_is_new_behind_the_end_is_sent() -> None:
    outlet = ListOutlet()
    run(outlet)
    outcome = run(outlet, ListHistory([*ALL, document(900, 900)]))
    assert (outcome.documents, origins(outlet)[-1]) == (1, "index/900")


def test_again_sends_all_of_it_anew() -> None:
    outlet = ListOutlet()
    run(outlet)
    outcome = run(outlet, again=True)
    assert (outcome.documents, outcome.standing.documents, len(outlet.committed)) == (500, 500, 1000)


@given(st.sets(st.integers(1, 200), max_size=30))
def test_losses_at_any_moment_double_and_lose_nothing(calls: set[int]) -> None:
    outlet = ListOutlet(fails=lambda call: call in calls)
    run(outlet)
    assert origins(outlet) == [each.origin for each in ALL]


@given(st.lists(st.integers(0, 120), max_size=4))
def test_stopping_at_any_moment_doubles_and_loses_nothing(stops: list[int]) -> None:
    outlet = ListOutlet()

    async def stopped(after: int) -> None:
        running = replay(outlet)
        await running.begin()
        task = asyncio.create_task(running.run())
        for _ in range(after):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    for after in stops:
        asyncio.run(stopped(after))
    run(outlet)
    assert origins(outlet) == [each.origin for each in ALL]


def test_another_process_that_went_on_is_not_disturbed() -> None:
    outlet = ListOutlet()

    def fails(call: int) -> bool:
        if call == 9:
            outlet.marks.append(Standing("another", 400, 1, 133).to_text())
        return call == 9

    outlet._fails = fails
    with pytest.raises(PluginError, match="another `sllm replay`"):
        run(outlet)


def test_a_transaction_that_grows_old_keeps_to_no_rate() -> None:
    outlet = ListOutlet(hurried=True)

    async def never(seconds: float) -> None:
        raise AssertionError("it waited")

    async def whole() -> None:
        running = Replay(RangeStream(ListHistory(ALL), None, None, 3), outlet, RateLimit(1, sleep=never))
        await running.begin()
        await running.run()

    asyncio.run(whole())
    assert len(outlet.committed) == 500


def test_what_is_sent_becomes_visible_while_nothing_more_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sllm_core.replay.running.SECONDS", 0.01)
    waiting = asyncio.Event()

    class Stuck(ListHistory):
        async def documents(self, part: Part) -> AsyncIterator[Sequence[Document]]:
            async for page in super().documents(part):
                yield page
            await waiting.wait()

    async def whole() -> int:
        outlet = ListOutlet()
        running = replay(outlet, Stuck(ALL, part=1000))
        await running.begin()
        task = asyncio.create_task(running.run())
        async with asyncio.timeout(30):
            while running.sent.documents < 480:
                await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return len(outlet.committed)

    assert asyncio.run(whole()) >= 480
