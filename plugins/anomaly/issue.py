"""One thing that went wrong in a window: what, how often, when, where, against what is usual."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from sllm_core.classifier import NOBODY
from sllm_core.moments import moments

EVIDENCE = 5
"""How many origins of example records an issue names."""


@dataclass(frozen=True)
class Example:
    """The first record of a pattern in a window."""

    origin: str
    timestamp: datetime | None
    message: str


def examples_in(table: pa.Table) -> list[Example]:
    """One for each row."""
    columns = table["origin"].to_pylist(), moments(table["timestamp"]), table["message"].to_pylist()
    return [Example(*values) for values in zip(*columns, strict=True)]


@dataclass(frozen=True)
class Share:
    """How many of all answers were 5xx."""

    failures: int
    answers: int

    @property
    def value(self) -> float:
        """From 0 to 1."""
        return self.failures / self.answers


@dataclass(frozen=True, kw_only=True)
class Issue:
    """The figures of an issue, from which its title, explanation and facts are made.

    `kinds` has the records of each kind of trouble in it (a key of the catalogue, an exception or words of a text),
    the root first; `target` is what it is about, as far as the messages name a host; `position` makes its id. `usual`
    is the median of earlier windows, None where few are known; `slots` counts its records in sixtieths of the window;
    `share` is there when answers with 5xx are among them; `confidence` is None where rules decided, or a language
    model (`by_model`) that gave no probabilities, or a human (`labeller`, else NOBODY).
    """

    label: str
    kinds: Mapping[str, int]
    position: str
    patterns: tuple[int, ...]
    count: int
    first: datetime
    last: datetime
    slots: tuple[int, ...]
    services: tuple[str, ...]
    reasons: tuple[str, ...]
    examples: tuple[Example, ...]
    target: str = ""
    confidence: float | None = None
    by_rules: bool = False
    by_model: bool = False
    labeller: int = NOBODY
    usual: float | None = None
    unseen: int = 0
    share: Share | None = None
    pattern_facts: tuple[Mapping[str, Any], ...] = ()

    @property
    def root(self) -> str:
        """The kind of trouble that stands behind the others."""
        return next(iter(self.kinds))

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
        share = self.share and {"failures": self.share.failures, "answers": self.share.answers}
        return {
            "kind": self.root,
            "kinds": dict(self.kinds),
            "target": self.target or None,
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
            **({**share, "share": round(self.share.value, 6)} if self.share and share else {}),
        }
