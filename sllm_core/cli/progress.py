"""A progress bar on standard error while a run works, where that is a terminal that can show one."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sllm_core.runner import Finish, Result, Runner

PAUSE = 0.1
"""Seconds between two looks at how far the run is."""


def run_with_progress(runner: Runner, *, shown: bool = True, finish: Finish | None = None) -> Result:
    """Run to the end, `finish` as `Runner.run` has it; `shown` false leaves the terminal to others.

    Raises:
        RunFailed: a source, a sink or the store failed.
    """
    from sllm_core.cli.process import keep_pages

    keep_pages()
    able = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    return asyncio.run(_watch(runner, finish) if shown and able else runner.run(finish))


async def _watch(runner: Runner, finish: Finish | None) -> Result:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    task = asyncio.create_task(runner.run(finish))
    parts = (SpinnerColumn(), BarColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    try:
        with Progress(*parts, console=Console(stderr=True), transient=True) as bar:
            shown = bar.add_task("", total=None)
            while not task.done():
                await asyncio.wait({task}, timeout=PAUSE)
                done, total, said = _state(runner)
                bar.update(shown, description=said, completed=done, total=max(done, total) if total else None)
        return await task
    finally:
        task.cancel()


def _state(runner: Runner) -> tuple[int, int, str]:
    """What is done, of how much, and in words: first what is read, then what the model has judged."""
    from rich.filesize import decimal

    done, total = runner.progress()
    if runner.reviewer is None or done < total or not runner.ended:
        return done, total, f"{decimal(done)} / {decimal(total)}" if total else decimal(done)
    judged, patterns = runner.reviewer.progress
    name = runner.reviewer.outcome.model
    if not runner.reviewer.reached:
        return 0, 0, f"{name} stands its trial" if name else "looking for the language model"
    return judged, patterns, f"{name}: {judged:,} of {patterns:,} patterns judged"
