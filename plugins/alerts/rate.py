"""How many messages may go out in a time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sllm_core.settings.fields import parse_duration, write_duration

_RATE = re.compile(r"\s*(\d{1,6})\s*/\s*(\S.*)")


@dataclass(frozen=True)
class Rate:
    """At most `count` messages in any `span`."""

    count: int
    span: timedelta

    def __str__(self) -> str:
        return f"{self.count}/{write_duration(self.span)}"

    def free_at(self, sent: Sequence[float], now: float) -> float:
        """When the next message may go; `sent` are the times of earlier ones, ascending, in seconds since 1970."""
        if len(sent) < self.count:
            return now
        return max(now, sent[-self.count] + self.span.total_seconds())


def parse_rate(value: object) -> Rate:
    """A rate from text such as 10/1h.

    Raises:
        ValueError: it is none, or allows no message at all.
    """
    if isinstance(value, Rate):
        return value
    match = _RATE.fullmatch(value) if isinstance(value, str) else None
    if match is None or int(match[1]) < 1:
        raise ValueError("a rate is a number of messages and a time span, such as 10/1h")
    span = parse_duration(match[2].strip() if match[2].strip()[0].isdigit() else f"1{match[2].strip()}")
    if not timedelta(seconds=1) <= span <= timedelta(days=7):
        raise ValueError("the time span of a rate is from 1s to 7d, such as 10/1h")
    return Rate(int(match[1]), span)
