"""What incumbent and candidate said of everything that they were asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sllm_core.learning.candidate import Answers
from sllm_core.learning.dataset import Example
from sllm_core.learning.measuring import Pair
from sllm_core.learning.orders import Step, Tell
from sllm_core.learning.prompted import Prompted
from sllm_core.learning.served import Calls, Served, measured_calls
from sllm_core.learning.summaries import Summaries, told_by

Suites = Mapping[str, Sequence[Example]]
"""Examples by what they are for and their task, as in `test anomaly`."""


@dataclass(frozen=True)
class Found:
    """What both said: pairs by suite, and of a served model the calls of both and their summaries."""

    pairs: Mapping[str, Pair]
    suites: Suites
    served: Served | None = None
    summaries: Summaries | None = None

    def of(self, kind: str) -> dict[str, Pair]:
        """The pairs of a kind of suite, by task."""
        return {task_of(name): pair for name, pair in self.pairs.items() if name.startswith(f"{kind} ")}


@dataclass(frozen=True)
class Answered:
    """What one of the two said: odds by suite, texts of summaries, and how it answered if it is a language model."""

    odds: Mapping[str, Any]
    texts: Sequence[str | None]
    calls: Calls | None


@dataclass
class Steps:
    """Tells how many suites have been asked; both models are asked all of `total` together."""

    tell: Tell
    total: int
    done: int = 0

    def step(self, told: str) -> None:
        self.done += 1
        if self.done < self.total:
            self.tell(Step("gate", self.done, self.total, told))


async def answered(answers: Answers, suites: Suites, told: Sequence[Example], steps: Steps) -> Answered:
    """What one of the two says of everything."""
    begun = len(answers.asked) if isinstance(answers, Prompted) else 0
    odds = {}
    for name, examples in suites.items():
        odds[name] = await answers.odds(task_of(name), examples)
        steps.step(name)
    texts = await told_by(answers, told) if told else ()
    return Answered(odds, texts, measured_calls(answers, begun))


def task_of(name: str) -> str:
    """The task of a suite."""
    return name.split(" ", 1)[1]
