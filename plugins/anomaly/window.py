"""The verdict on a window as a whole, from its issues and its share of errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from sllm_core.classifier import NOBODY

from .answers import Outage
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
    failing: Outage | None = None

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
        if self.by_rules:
            return None
        if self.label != "normal":
            return self.leading.confidence if self.leading else None
        return None if self.seen.unsure[self._likeliest] else round(1 - float(self.seen.problem[self._likeliest]), 4)

    @property
    def by_rules(self) -> bool:
        """Whether rules decided: beyond what the issues' verdicts say, or against what a verdict says."""
        if self.label != "normal":
            return self.leading is None or self.leading.label != self.label or self.leading.by_rules
        if not len(self.seen.label):
            return True
        return float(self.seen.problem[self._likeliest]) >= self.seen.config.warning

    @property
    def by_model(self) -> bool:
        """Whether a language model judged what decides."""
        if self.label != "normal":
            return self.leading is not None and self.leading.by_model
        return len(self.seen.label) > 0 and bool(self.seen.by_model[self._likeliest])

    @property
    def labeller(self) -> int:
        """Who among humans said what decides; NOBODY if none did."""
        if self.label != "normal":
            return NOBODY if self.leading is None else self.leading.labeller
        return int(self.seen.labeller[self._likeliest]) if len(self.seen.label) else NOBODY

    @property
    def _likeliest(self) -> int:
        return int(self.seen.problem.argmax())

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
            "whole": self.seen.whole,
            "answers": self.failing.facts if self.failing else None,
        }
