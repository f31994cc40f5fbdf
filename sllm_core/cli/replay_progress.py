"""How far a replay is, while it runs: a bar on a terminal, else a line now and then."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable
from typing import TYPE_CHECKING, TypeVar

from sllm_core.cli.process import say

if TYPE_CHECKING:
    from sllm_core.replay.running import Replay

T = TypeVar("T")

PAUSE, LINE = 0.2, 10.0
"""Seconds between two looks at a replay, and between two lines where there is no terminal."""


async def shown(replay: Replay, work: Awaitable[T], total: int) -> T:
    """What the work returns; meanwhile it is shown how far it is, of `total` in the unit of the stream."""
    able = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    task = asyncio.ensure_future(work)
    try:
        await (_bar if able else _lines)(replay, task, total)
        return await task
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _bar(replay: Replay, task: asyncio.Future[T], total: int) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    begun = time.monotonic()
    parts = (SpinnerColumn(), BarColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    with Progress(*parts, console=Console(stderr=True), transient=True) as bar:
        task_shown = bar.add_task("", total=total or None, completed=replay.done)
        while not task.done():
            await asyncio.wait({task}, timeout=PAUSE)
            said = speed_text(replay.documents, replay.bytes, time.monotonic() - begun)
            bar.update(task_shown, description=said, completed=replay.done, total=max(total, replay.done) or None)


async def _lines(replay: Replay, task: asyncio.Future[T], total: int) -> None:
    begun, first = time.monotonic(), replay.done
    while not task.done():
        await asyncio.wait({task}, timeout=LINE)
        if not task.done():
            seconds = time.monotonic() - begun
            left = remaining(replay.done - first, total - replay.done, seconds)
            say(f"{speed_text(replay.documents, replay.bytes, seconds)}{left}")


def speed_text(documents: int, size: int, seconds: float) -> str:
    """What was sent in so many seconds, and how much of it a second."""
    from rich.filesize import decimal

    seconds = max(seconds, 1e-3)
    pace = f"{documents / seconds:,.0f} and {decimal(round(size / seconds))} a second"
    return f"{documents:,} documents, {decimal(size)}, {pace}"


def remaining(done: int, left: int, seconds: float) -> str:
    """How much longer it takes if it goes on like that; nothing if that cannot be told."""
    if done <= 0 or left <= 0:
        return ""
    minutes, rest = divmod(round(left * seconds / done), 60)
    return f", {minutes // 60}:{minutes % 60:02d}:{rest:02d} left"
