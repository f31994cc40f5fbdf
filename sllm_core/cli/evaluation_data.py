"""The labelled rows that `sllm eval` is given."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sllm_core.evaluation.reading import Rows

STDIN = "-"
SHOWN = 10
"""How many rows that cannot be read are named when none can."""


def read_rows(paths: tuple[str, ...]) -> Rows:
    """The rows of all files; `-` is standard input.

    Raises:
        PluginError: a file cannot be read, or none of all rows.
    """
    from sllm_core.evaluation.reading import read_labelled
    from sllm_core.plugin import PluginError

    rows = read_labelled(_files(paths))
    if not rows.rows:
        raise PluginError("\n".join(_told(rows)))
    return rows


def shown_name(path: str | Path) -> str:
    """The path as text that any output takes: what is no Unicode in it becomes ?."""
    return str(path).encode("utf-8", "replace").decode()


def _files(paths: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    from sllm_core.reading import expand
    from sllm_core.reading.files import open_bytes

    if STDIN in paths:
        yield "stdin", sys.stdin.buffer.read()
    named = [Path(each) for each in paths if each != STDIN]
    for path in expand(named) if named else []:
        with open_bytes(path) as stream:
            yield shown_name(path), stream.read()


def _told(rows: Rows) -> Iterator[str]:
    from sllm_core.report.plain import plain

    yield "no row can be measured:" if rows.bad else "there are no rows below the headers"
    yield from map(plain, rows.mistakes())
    yield from (plain(str(each)) for each in rows.bad[:SHOWN])
    if len(rows.bad) > SHOWN:
        yield f"… and {len(rows.bad) - SHOWN:,} more"
