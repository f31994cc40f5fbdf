"""A progress bar on standard error while a run works, where that is a terminal that can show one."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sllm_core.runner import Result, Runner

PAUSE = 0.1
"""Seconds between two looks at how far the run is."""


def run_with_progress(runner: Runner, *, shown: bool = True) -> Result:
    """Run to the end; `shown` false leaves the terminal to others.

    Raises:
        RunFailed: a source, a sink or the store failed.
    """
    from sllm_core.cli.process import keep_pages

    keep_pages()
    able = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    return asyncio.run(_watch(runner) if shown and able else runner.run())


async def _watch(runner: Runner) -> Result:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TimeRemainingColumn

    task = asyncio.create_task(runner.run())
    parts = (SpinnerColumn(), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    try:
        with Progress(*parts, console=Console(stderr=True), transient=True) as bar:
            shown = bar.add_task("", total=None)
            while not task.done():
                await asyncio.wait({task}, timeout=PAUSE)
                done, total = runner.progress()
                bar.update(shown, completed=done, total=max(done, total) if total else None)
        return await task
    finally:
        task.cancel()
