"""Tasks that do not end at the first cancellation, or not at all."""

from __future__ import annotations

import asyncio

import pytest

from sllm_plugins.kafka import tasks
from sllm_plugins.kafka.tasks import end, within


async def stubborn(times: int) -> None:
    """Loses that many cancellations."""
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            times -= 1
            if times < 0:
                raise


async def failing() -> None:
    raise LookupError("not there")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "EACH", 0.05)


@pytest.mark.parametrize(("times", "ends"), [(0, True), (2, True), (3, False)])
def test_a_cancellation_that_was_lost_is_tried_again(times: int, ends: bool) -> None:
    async def run() -> bool:
        task = asyncio.create_task(stubborn(times))
        await asyncio.sleep(0)
        await end([task])
        return task.done()

    assert asyncio.run(run()) is ends


@pytest.mark.parametrize(
    ("step", "ends"), [(lambda: asyncio.sleep(0), True), (failing, False), (lambda: stubborn(0), False)]
)
def test_whether_a_step_ends_by_itself(step: object, ends: bool) -> None:
    assert callable(step)
    assert asyncio.run(within(0.05, step())) is ends
