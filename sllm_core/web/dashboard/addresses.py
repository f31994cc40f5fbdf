"""What addresses of pages say, read leniently: what cannot be meant counts as not there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

YEARS = range(1972, 9000)


def time_of(text: str) -> datetime | None:
    """A time that names its zone; None for anything else."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None and found.year in YEARS else None


def number_of(text: str) -> int:
    """A number from 1 on; 1 for anything else."""
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 8 else 1


def one_of(text: str, allowed: Sequence[str], otherwise: str = "") -> str:
    """One of those that are allowed."""
    return text if text in allowed else otherwise
