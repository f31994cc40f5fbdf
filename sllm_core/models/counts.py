"""What a gateway did, counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from sllm_core.models.language_model import Completion


@dataclass(frozen=True)
class Counts:
    """What was asked, and what came of it.

    `asked` questions were answered by `hits` kept answers and by `calls` to the server, which read `prompt_tokens` and
    wrote `answer_tokens` by its own count and took `seconds` in all, half of them at most `median` seconds and nineteen
    of twenty at most `slow` (None before the first; within 1 %). `repairs` were asked again because the answer was not
    valid, and `no_answers` in vain. `retries` calls were repeated; `unavailable` and `refused` calls failed. `waiting`
    questions have no turn yet, and `running` have.
    """

    asked: int = 0
    hits: int = 0
    calls: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0
    repairs: int = 0
    no_answers: int = 0
    retries: int = 0
    unavailable: int = 0
    refused: int = 0
    seconds: float = 0.0
    median: float | None = None
    slow: float | None = None
    waiting: int = 0
    running: int = 0

    def to_json(self) -> dict[str, Any]:
        """The figures by their names; seconds to the millisecond."""
        return {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(self).items()}


class Meter:
    """Counts while it happens."""

    def __init__(self) -> None:
        self._events: Counter[str] = Counter()
        self._seconds = 0.0
        self._latencies: Counter[int] = Counter()

    def count(self, event: str, number: int = 1) -> None:
        """Count what bears the name of a field of Counts."""
        self._events[event] += number

    def answered(self, completion: Completion, seconds: float) -> None:
        """The server answered a call after so many seconds."""
        import numpy as np

        from sllm_core.summaries.sketch import sketch

        self.count("prompt_tokens", completion.prompt_tokens)
        self.count("answer_tokens", completion.answer_tokens)
        self._seconds += seconds
        self._latencies.update(sketch(np.array([seconds * 1e3])))

    def counts(self, waiting: int, running: int) -> Counts:
        """The counts of this moment."""
        from sllm_core.summaries.sketch import quantile, to_json

        latencies = to_json(self._latencies)
        median, slow = (quantile(latencies, each) for each in (0.5, 0.95))
        return Counts(
            **self._events,
            seconds=self._seconds,
            median=None if median is None else median / 1e3,
            slow=None if slow is None else slow / 1e3,
            waiting=waiting,
            running=running,
        )
