"""The requests of a window that was summed up before, from the facts of that summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sllm_core.findings import pattern_name
from sllm_core.summaries.requests import FailedAnswer

KEPT = ("requests", "failures", "latency", "statuses", "endpoints")


@dataclass(frozen=True)
class EarlierRequests:
    """What the facts of a summary say of requests, which no verdict changes."""

    facts: Mapping[str, Any]

    @property
    def failed(self) -> Counter[FailedAnswer]:
        """The answers that are errors, by pattern, status and whether their records say so."""
        answers = Counter[FailedAnswer]()
        for pattern, status, loud, count in self.facts.get("failed_answers", ()):
            answers[int(pattern, 16), int(status), bool(loud)] += int(count)
        return answers

    @property
    def silent_failures(self) -> int:
        """The answers with 5xx whose records have no level of ERROR or above."""
        return sum(count for (_, _, loud), count in self.failed.items() if not loud)

    def to_facts(self, top: int = 20) -> dict[str, Any]:
        """The facts as they were."""
        return {key: self.facts[key] for key in KEPT}


def failed_answers(failed: Mapping[FailedAnswer, int]) -> list[list[object]]:
    """Answers that are errors as a fact: pattern, status, whether loud, and how many."""
    return [[pattern_name(pattern), status, loud, count] for (pattern, status, loud), count in sorted(failed.items())]
