from __future__ import annotations

import asyncio
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from sllm_core.replay.rate_limit import RateLimit


class Clock:
    """Goes on only while somebody sleeps, or is made to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


def taken(rate: float | None, counts: Sequence[int], between: float = 0) -> float:
    """How long it takes to take them, `between` seconds of other work after each."""
    clock = Clock()

    async def take() -> float:
        limit = RateLimit(rate, clock, clock.sleep)
        for count in counts:
            await limit.take(count)
            clock.now += between
        return clock.now - 100.0

    return asyncio.run(take())


@given(st.floats(0.5, 1e6), st.lists(st.integers(0, 5000), min_size=1, max_size=50))
def test_never_more_than_the_rate(rate: float, counts: list[int]) -> None:
    assert taken(rate, counts) >= sum(counts) / rate - 1e-6


def test_the_rate_is_used() -> None:
    assert abs(taken(1000, [250] * 40) - 10) < 1e-6


def test_other_work_counts_too() -> None:
    assert abs(taken(1000, [250] * 40, between=0.2) - 10) < 0.3


def test_at_most_a_second_is_made_up_for() -> None:
    clock = Clock()

    async def take() -> None:
        limit = RateLimit(100, clock, clock.sleep)
        clock.now += 3600
        await limit.take(300)

    asyncio.run(take())
    assert abs(clock.now - 3702) < 1e-6


def test_without_a_rate_nothing_waits() -> None:
    assert taken(None, [10**9] * 3) == 0


def test_a_low_rate_is_taken_in_small_steps() -> None:
    assert [RateLimit(each).grain for each in (None, 1, 100, 20_000)] == [1000, 1, 25, 1000]
