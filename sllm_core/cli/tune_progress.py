"""How far a run of tuning is, on standard error: a bar on a terminal that can show one, else lines."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sllm_core.clock.tuning_run import RunStep, TuningRun

Show = Callable[["TuningRun"], None]


@contextmanager
def shown_run() -> Iterator[Show]:
    """What is to be given the run each time it has changed."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield _lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    parts = (SpinnerColumn(), BarColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*parts, console=Console(stderr=True), transient=True) as bar:
        shown = bar.add_task("", total=None)

        def show(run: TuningRun) -> None:
            if run.steps:
                step = run.steps[-1]
                bar.update(shown, description=_said(step), completed=step.done, total=step.total or None)

        yield show


def _lines() -> Show:
    told = set[str]()

    def show(run: TuningRun) -> None:
        for step in run.steps:
            if step.ended is not None or run.is_over:
                line = _said(step)
                if f"{step.name} {step.began}" not in told:
                    told.add(f"{step.name} {step.began}")
                    print(f"sllm: {line}", file=sys.stderr, flush=True)

    return show


def _said(step: RunStep) -> str:
    left = "" if step.remaining is None else f", about {_time(step.remaining)} left"
    count = f" {step.done} of {step.total}" if step.total > 1 else ""
    return f"{step.name}{count}{left}{': ' if step.detail else ''}{step.detail}"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
