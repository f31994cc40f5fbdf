"""The colours of a report on a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

STYLES: Mapping[str, str] = MappingProxyType(
    {
        "normal": "bold green",
        "warning": "bold yellow",
        "critical": "bold red",
        "positive": "green",
        "neutral": "bright_black",
        "negative": "red",
        "records": "blue",
        "warnings": "yellow",
        "errors": "red",
        "TRACE": "dim",
        "DEBUG": "dim",
        "INFO": "",
        "WARN": "yellow",
        "ERROR": "red",
        "FATAL": "bold red",
    }
)


def style(name: str | None) -> str:
    """The style of a status, sentiment, series or level; none for anything else."""
    return STYLES.get(name or "", "")
