"""How far a command is with its letters, and what became of them in the end."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from sllm_core.report.plain import plain

if TYPE_CHECKING:
    from .letter_work import Account

LEFT_OUT = 3
"""The exit code where some letters had to stay."""

NAMED = 20
"""How many of those are named."""


@contextmanager
def progress(total: int) -> Iterator[Callable[[int], None]]:
    """What is told how many letters have been looked at; shows a bar on a terminal."""
    if not sys.stderr.isatty():
        yield lambda count: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    with Progress(BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task("letters", total=total)
        yield lambda count: bar.advance(task, count)


def tell(account: Account, what: str, form: str, deleted: int = 0) -> int:
    """Say what became of the letters; the exit code."""
    if form == "json":
        document = {**vars(account), "deleted": deleted, "done": what}
        click.echo(json.dumps(document, indent=2))
    else:
        click.echo("".join(f"{line}\n" for line in _lines(account, what, deleted)), nl=False)
    return LEFT_OUT if account.cut or account.refused else 0


def _lines(account: Account, what: str, deleted: int) -> Iterator[str]:
    yield f"{account.handled:,} letters {what}"
    if account.doubled:
        yield f"{account.doubled:,} more are about the same messages"
    if account.others:
        yield f"{account.others:,} others stay as they are"
    if deleted:
        yield f"{deleted:,} deleted"
    if account.cut:
        yield f"{_named(account.cut)} stay: they were cut when they were written, so what was lost cannot be sent"
    if account.refused:
        yield f"{_named(account.refused)} stay: their topic does not take them; raise its max.message.bytes"


def _named(names: list[str]) -> str:
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return plain(", ".join(names[:NAMED]), None) + more
