"""A bar on standard error while analyzers judge, where that is a terminal that can show one."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sllm_core.evaluation.judge import Advance


def _nowhere(done: int, total: int) -> None:
    return None


@contextmanager
def shown_progress() -> Iterator[Advance]:
    """What is to be told how far the work is."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield _nowhere
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TimeRemainingColumn

    parts = (SpinnerColumn(), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*parts, console=Console(stderr=True), transient=True) as bar:
        shown = bar.add_task("", total=None)
        yield lambda done, total: bar.update(shown, completed=done, total=total)
