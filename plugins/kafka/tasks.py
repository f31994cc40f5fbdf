"""Tasks that end when they should."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any

TRIES, EACH = 3, 1.0
"""How often a task is cancelled, and how many seconds it has to end each time."""


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel the tasks and wait until they have ended; what they raise is passed over.

    aiokafka loses a cancellation that comes together with one of its time limits, so that one may not be enough.
    """
    asked = list(tasks)
    for _ in range(TRIES):
        left = [each for each in asked if not each.done()]
        for each in left:
            each.cancel()
        if left:
            await asyncio.wait(left, timeout=EACH)
    for each in asked:
        if each.done() and not each.cancelled():
            each.exception()


async def within(seconds: float, step: Coroutine[Any, Any, None]) -> bool:
    """Whether the step has ended in that time, and without an error; if it has not, it is cancelled."""
    task = asyncio.create_task(step)
    try:
        await asyncio.wait({task}, timeout=seconds)
    finally:
        await end([task])
    return task.done() and not task.cancelled() and task.exception() is None
