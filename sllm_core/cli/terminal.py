"""What the terminal is like that a command writes to."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TextIO

PLAIN = 100
"""How many columns a text has that goes into a file or a pipe."""


def is_coloured(stream: TextIO | None = None) -> bool:
    """Whether `stream` (standard output when None) is a terminal that colours are wanted on: see no-color.org."""
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return wanted and (stream or sys.stdout).isatty()


def columns() -> int:
    """The width of the terminal (or COLUMNS), PLAIN where there is none."""
    return shutil.get_terminal_size((PLAIN, 24)).columns
