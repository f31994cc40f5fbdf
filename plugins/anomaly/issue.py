"""One thing that went wrong in a window: what, how often, when, where, against what is usual."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

EVIDENCE = 5
"""How many origins of example records an issue names."""


@dataclass(frozen=True)
class Example:
    """The first record of a pattern in a window."""

    origin: str
    timestamp: datetime | None
    message: str


@dataclass(frozen=True, kw_only=True)
class Issue:
    """The figures of an issue, from which its title, explanation and facts are made.

    `kind` is a key of the catalogue, an exception or telling words; `position` makes its id. `usual` is the median of
    earlier windows or None; `answers` is how many answers there were in all when the issue is about answers, else None.
    `slots` counts its records in sixtieths of the window; `confidence` is None where rules decided.
    """

    label: str
    kind: str
    position: str
    patterns: tuple[int, ...]
    count: int
    first: datetime
    last: datetime
    slots: tuple[int, ...]
    services: tuple[str, ...]
    reasons: tuple[str, ...]
    examples: tuple[Example, ...]
    confidence: float | None = None
    usual: float | None = None
    unseen: int = 0
    answers: int | None = None
    pattern_facts: tuple[Mapping[str, Any], ...] = ()

    @property
    def by_rules(self) -> bool:
        """Whether no verdict of the classifier stands behind it."""
        return self.confidence is None

    @property
    def example(self) -> str:
        """The first record of the worst pattern."""
        return self.examples[0].message if self.examples else ""

    @property
    def evidence(self) -> tuple[str, ...]:
        """The origins of a few records."""
        return tuple(each.origin for each in self.examples[:EVIDENCE])

    @property
    def facts(self) -> dict[str, Any]:
        """What is known of the issue, in JSON values."""
        return {
            "kind": self.kind,
            "records": self.count,
            "usual": self.usual,
            "patterns": list(self.pattern_facts),
            "pattern_count": len(self.patterns),
            "new_patterns": self.unseen,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "slots": list(self.slots),
            "services": list(self.services),
            "reason": list(self.reasons),
            **({} if self.answers is None else {"answers": self.answers, "share": round(self.count / self.answers, 6)}),
        }
