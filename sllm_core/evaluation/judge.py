"""What is measured: anything that answers the two questions about rows."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sllm_core.evaluation.data import Row
from sllm_core.evaluation.labels import Question

Key = TypeVar("Key", bound=Hashable)
Advance = Callable[[int, int], None]
"""Is told how many of how many pieces of work are done."""


@dataclass(frozen=True)
class Answer:
    """A label as its place in LABELS, and the probability, as far as the judge gives one, that it is right.

    `odds` are the probabilities of all labels before any calibration, where the judge has some that can be calibrated.
    """

    label: int
    confidence: float | None = None
    odds: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Prediction:
    """What a judge says of a row: None where it has no answer.

    `problem` ranks rows by how likely they are not normal; only its order counts.
    """

    sentiment: Answer | None = None
    severity: Answer | None = None
    problem: float | None = None

    def answer(self, question: Question) -> Answer | None:
        """The answer to one of the questions."""
        return self.sentiment if question == "sentiment" else self.severity


@dataclass(frozen=True)
class Costs:
    """What answers have cost: calls to a model, those saved by a cache, and of the calls made the tokens and seconds.

    `median` and `slow` are the seconds of the middle call and of the slowest of twenty; all is 0 for what calls no
    model. `failures` are patterns without an answer.
    """

    calls: int = 0
    hits: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0
    seconds: float = 0.0
    median: float | None = None
    slow: float | None = None
    failures: int = 0


class Judge(Protocol):
    """Something that judges rows. `name` and `version` say in reports what it is; its class stands in one file."""

    @property
    def name(self) -> str:
        """How it is called in reports, unique among those that are compared."""
        ...

    @property
    def version(self) -> str:
        """What exactly answered: a digest of weights and prompts where there is one."""
        ...

    @property
    def costs(self) -> Costs:
        """What all answers so far have cost."""
        ...

    async def judge(self, rows: Sequence[Row], advance: Advance) -> Sequence[Prediction]:
        """What it says of each row, in their order.

        Raises:
            PluginError: it cannot judge at all; the message says what to do.
        """
        ...


def numbered(keys: Sequence[Key]) -> tuple[list[int], list[int]]:
    """Of each key the number of its kind as they are met, and of each kind the place of its first."""
    kinds: dict[Key, int] = {}
    places = [kinds.setdefault(key, len(kinds)) for key in keys]
    firsts: dict[int, int] = {}
    for row, kind in enumerate(places):
        firsts.setdefault(kind, row)
    return places, list(firsts.values())
