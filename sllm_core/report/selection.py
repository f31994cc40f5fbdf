"""Which patterns a list shows, and in which order."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from sllm_core.report.listed import ListedPattern

NO_LEVEL = "NONE"
"""How patterns without a level are asked for."""


class Judged(Protocol):
    """What is known of a pattern in every list."""

    @property
    def template(self) -> str: ...
    @property
    def example(self) -> str: ...
    @property
    def level(self) -> str | None: ...
    @property
    def sentiment(self) -> str: ...
    @property
    def problem(self) -> float: ...


@dataclass(frozen=True)
class Selection:
    """What patterns must be like; what is None or empty admits all.

    `search` is found in template or example; `problem` and `min_count` are the least; `new_since` is from when on a
    pattern was first seen.
    """

    search: re.Pattern[str] | None = None
    levels: frozenset[str] = frozenset()
    sentiment: str | None = None
    problem: float = 0.0
    min_count: int = 0
    new_since: datetime | None = None

    def admits(self, pattern: ListedPattern) -> bool:
        """Whether a list shows the pattern."""
        is_new = self.new_since is None or (pattern.first is not None and pattern.first >= self.new_since)
        return is_new and self.allows(pattern, pattern.count)

    def allows(self, pattern: Judged, count: int) -> bool:
        """Whether a pattern with so many records is among those asked for, whenever it was seen."""
        return (
            count >= self.min_count
            and pattern.problem >= self.problem
            and (self.sentiment is None or pattern.sentiment == self.sentiment)
            and (not self.levels or (pattern.level or NO_LEVEL) in self.levels)
            and (self.search is None or self._found(self.search, pattern))
        )

    def _found(self, search: re.Pattern[str], pattern: Judged) -> bool:
        return bool(search.search(pattern.template) or search.search(pattern.example))


def searched(text: str) -> re.Pattern[str]:
    """What is searched for, in either case: the text as it stands, or as a regular expression between slashes.

    Raises:
        re.error: it is no regular expression.
    """
    is_expression = len(text) > 2 and text.startswith("/") and text.endswith("/")
    return re.compile(text[1:-1] if is_expression else re.escape(text), re.IGNORECASE)


ORDERS: Mapping[str, Callable[[ListedPattern], tuple[float, str]]] = MappingProxyType(
    {
        "count": lambda each: (-each.count, ""),
        "first": lambda each: (_seconds(each.first), ""),
        "last": lambda each: (-_seconds(each.last), ""),
        "problem": lambda each: (-each.problem, ""),
        "trend": lambda each: (-each.rise, ""),
        "template": lambda each: (0, each.template.casefold()),
    }
)
"""By what a list is sorted: the most records, the earliest, the latest, the likeliest trouble, the steepest rise."""


def _seconds(time: datetime | None) -> float:
    return 0.0 if time is None else time.timestamp()


def ordered(patterns: Sequence[ListedPattern], order: str, *, reverse: bool = False) -> list[ListedPattern]:
    """The patterns by one of ORDERS; what is equal stays as it was."""
    return sorted(patterns, key=ORDERS[order], reverse=reverse)
