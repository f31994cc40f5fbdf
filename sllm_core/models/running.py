"""Calls that are out: each with its deadline, and all ended with the gateway."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from sllm_core.models.errors import CLOSED, TooSlow
from sllm_core.models.language_model import ModelUnavailable

T = TypeVar("T")


class Running:
    """Runs calls as tasks of their own."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False

    async def run(self, work: Coroutine[Any, Any, T], seconds: float | None = None) -> T:
        """What the work returns, if it does so within `seconds`; else it is cancelled, as it is with the caller.

        Raises:
            TooSlow: the time was up.
            ModelUnavailable: the connection failed, or `close` was called.
        """
        if self._closed:
            work.close()
            raise ModelUnavailable(CLOSED)
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        limit = asyncio.timeout(seconds)
        try:
            async with limit:
                return await task
        except OSError as error:
            if limit.expired():
                what = f"no answer within {seconds:g} s"
                raise TooSlow(f"{what}; where the model needs longer, raise [model] timeout") from error
            raise ModelUnavailable(str(error) or type(error).__name__) from error
        except asyncio.CancelledError:
            if _is_cancelled():
                raise
            raise ModelUnavailable(CLOSED if self._closed else "the call was broken off") from None

    async def close(self) -> None:
        """Cancel what runs, and wait until it has ended."""
        self._closed = True
        tasks = list(self._tasks)
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
