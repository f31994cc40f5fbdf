"""How a served language model answered while it was measured: validly, decidedly, and in what time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from sllm_core.learning.candidate import Answers
from sllm_core.learning.checks import Check
from sllm_core.learning.prompted import Asked, Prompted

if TYPE_CHECKING:
    from sllm_core.settings.sections import LearningSection

LEAST = 30
"""With fewer calls nothing is known of a model."""

UNDECIDED = 0.02
"""By how much the share of answers that leave all labels open may grow."""

UNNOTICED = 0.1
"""So many seconds more nobody notices, whatever the ratio."""


@dataclass(frozen=True)
class Calls:
    """The calls to one model: how many, the shares that were answered validly and left all labels open, and the times
    (median and 95th percentile, seconds)."""

    model: str
    calls: int
    valid: float
    abstained: float
    p50: float
    p95: float

    @classmethod
    def of(cls, model: str, asked: Sequence[Asked]) -> Self:
        """What was measured of one call at least."""
        seconds = [each.seconds for each in asked]
        middle, slow = (round(float(np.percentile(seconds, share)), 4) for share in (50, 95))
        valid, abstained = (sum(getattr(each, name) for each in asked) / len(asked) for name in ("valid", "abstained"))
        return cls(model, len(asked), round(valid, 4), round(abstained, 4), middle, slow)


@dataclass(frozen=True)
class Served:
    """The calls to the candidate, and to the incumbent if that is a language model as well."""

    incumbent: Calls | None
    candidate: Calls

    @classmethod
    def of(cls, before: Calls | None, after: Calls | None) -> Self | None:
        """Those of both; None where the candidate is no language model."""
        return None if after is None else cls(before, after)

    def report(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)


def measured_calls(answers: Answers, begun: int) -> Calls | None:
    """The calls from number `begun` on; None where it is no language model that answers."""
    asked = answers.asked[begun:] if isinstance(answers, Prompted) else ()
    return Calls.of(answers.model, asked) if isinstance(answers, Prompted) and asked else None


def served_checks(terms: LearningSection, served: Served) -> Iterator[Check]:
    """Whether the candidate answers as reliably as is asked for, and no worse than what serves now."""
    before, after = served.incumbent, served.candidate
    yield Check("calls", after.calls >= LEAST, after.calls, f"at least {LEAST}", "calls", {"least": LEAST})
    needed = f"at least {terms.validity:g} of the answers"
    yield Check("valid answers", after.valid >= terms.validity, after.valid, needed, "valid", {"least": terms.validity})
    if before is not None:
        yield from _beside(terms, before, after)


def _beside(terms: LearningSection, before: Calls, after: Calls) -> Iterator[Check]:
    grown = round(after.abstained - before.abstained, 4)
    needed = f"a share that grows by at most {UNDECIDED:g}"
    yield Check("abstentions", grown <= UNDECIDED, grown, needed, "abstained", {"most": UNDECIDED})
    yield _latency_check(before.p95, after.p95, terms.latency)


def _latency_check(before: float, after: float, most: float) -> Check:
    kept = after <= before * most or after - before <= UNNOTICED
    ratio = round(after / before, 3) if before else None
    needed = f"at most {most:g} times the time (p95) of what serves now, {before:g} s"
    return Check("time of an answer", kept, ratio, needed, "latency", {"most": most, "seconds": before})
