"""The verdict on a window as a whole, from its issues and its share of errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .baseline import FEW, Flags, Floats
from .candidates import Candidates
from .evidence import NORMAL
from .issue import Issue
from .observation import LABELS, Observation


@dataclass(frozen=True)
class WindowVerdict:
    """`earlier_shares` are the shares of errors of earlier windows."""

    seen: Observation
    found: Candidates
    issues: Sequence[Issue]
    earlier_shares: Floats

    @property
    def label(self) -> str:
        """The worst label of the issues; critical when errors are unusually many and a large share of all."""
        worst = max((LABELS.index(each.label) for each in self.issues), default=NORMAL)
        if self.raised:
            worst = max(worst, 2 if self.error_share >= self.seen.config.error_share else 1)
        return LABELS[worst]

    @property
    def leading(self) -> Issue | None:
        """The issue that decides: the worst, of equally bad ones the surest."""
        return max(self.issues, key=lambda each: (LABELS.index(each.label), each.confidence or 0), default=None)

    @property
    def confidence(self) -> float | None:
        """The probability of the deciding issue; of a normal window, that its likeliest problem is none.

        None where rules decided against what a verdict says.
        """
        if self.label != "normal":
            return self.leading.confidence if self.leading and self.leading.label == self.label else None
        likeliest = float(self.seen.problem.max(initial=0))
        return round(1 - likeliest, 4) if len(self.seen.label) and likeliest < self.seen.config.warning else None

    @cached_property
    def _minor(self) -> Flags:
        minor: Flags = (self.seen.minor | self.found.steady) & (self.found.label == NORMAL)
        return minor

    @property
    def error_share(self) -> float:
        """Errors as a share of the records."""
        return self.seen.errors / self.seen.counted.records if self.seen.counted.records else 0.0

    @property
    def usual_error_share(self) -> float | None:
        """The median share of earlier windows; None without any."""
        return float(np.median(self.earlier_shares)) if len(self.earlier_shares) else None

    @cached_property
    def raised(self) -> bool:
        """Whether errors are far more of the records than in any earlier window."""
        if len(self.earlier_shares) < FEW or self.seen.errors < self.seen.config.least / 2:
            return False
        return self.error_share >= max(0.01, 2 * (1 + 2 / len(self.earlier_shares)) * float(self.earlier_shares.max()))

    @property
    def facts(self) -> dict[str, Any]:
        """Figures of the window, in JSON values."""
        usual = self.usual_error_share
        return {
            "records": self.seen.counted.records,
            "errors": self.seen.errors,
            "warnings": self.seen.warnings,
            "error_share": round(self.error_share, 6),
            "usual_error_share": None if usual is None else round(usual, 6),
            "issues": len(self.issues),
            "new_patterns": int(self.seen.new.sum()),
            "unlisted_patterns": len(self.found.unlisted),
            "unlisted_records": int(self.seen.affected[self.found.unlisted].sum()),
            "known_problems": int(
                ((self.seen.label > NORMAL) & (self.found.label == NORMAL) & ~self.found.steady).sum()
            ),
            "minor_patterns": int(self._minor.sum()),
            "minor_records": int(self.seen.minor_records[self._minor].sum()),
            "reason": ["error_share"] if self.raised else [],
        }
