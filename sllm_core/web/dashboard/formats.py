"""How figures, times and log lines are written on pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from types import MappingProxyType
from typing import Any

from sllm_core.report.bars import compact
from sllm_core.report.plain import plain

LONG = 20_000
"""So many characters of a log line are shown."""


def number(value: float | None) -> str:
    """With a comma after the thousands: 1,234; 0.42; – for none."""
    if value is None:
        return "–"
    if value == int(value) or abs(value) >= 100:
        return f"{round(value):,}"
    return f"{value:,.2g}" if abs(value) < 1 else f"{value:,.1f}"


def percent(share: float | None) -> str:
    """As a percentage: 23%, 1.4%; – for none."""
    if share is None:
        return "–"
    return f"{share:.0%}" if share >= 0.0995 or not share else f"{share:.1%}"


def day_and_time(time: datetime | None, zone: tzinfo, seconds: bool = False) -> str:
    """2026-11-20 13:12; – for none."""
    return "–" if time is None else f"{time.astimezone(zone):%Y-%m-%d %H:%M{':%S' if seconds else ''}}"


def clock(time: datetime | None, zone: tzinfo, seconds: bool = False) -> str:
    """13:12; – for none."""
    return "–" if time is None else f"{time.astimezone(zone):%H:%M{':%S' if seconds else ''}}"


def between(span: tuple[datetime, datetime], zone: tzinfo) -> str:
    """2026-11-20 13:00 – 14:00: the date once if it is the same, and the time if it is the same minute."""
    start, end = (each.astimezone(zone) for each in span)
    if f"{start:%Y-%m-%d %H:%M}" == f"{end:%Y-%m-%d %H:%M}":
        return f"{start:%Y-%m-%d %H:%M}"
    same = start.date() == (end - timedelta(microseconds=1)).date()
    return f"{start:%Y-%m-%d %H:%M} – {end:%H:%M}" if same else f"{start:%Y-%m-%d %H:%M} – {end:%Y-%m-%d %H:%M}"


def iso(time: datetime) -> str:
    """For addresses and machines: 2026-11-20T13:00:00Z."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def amount(size: float) -> str:
    """Bytes in their largest unit: 1.2 MB."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def line(text: str) -> str:
    """A log line, harmless on a screen: what is invisible or turns the writing is written as its escape."""
    return plain(text, LONG)


FILTERS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "number": number,
        "percent": percent,
        "day_and_time": day_and_time,
        "clock": clock,
        "between": between,
        "amount": amount,
        "iso": iso,
        "compact": compact,
        "line": line,
    }
)
"""What templates may use, by name."""
