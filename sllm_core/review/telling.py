"""Words of a model for what was found: asked for, checked by the analyzer, and put into the finding."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import Any

from sllm_core.components import Worded
from sllm_core.findings import Finding
from sllm_core.models import Gateway, Prompt
from sllm_core.safety import Preparation

URGENCY = MappingProxyType({"critical": 2.9, "warning": 1.9})
"""The priorities of findings by their labels, beside those of patterns that are to be judged."""
OTHERS, LATER = 0.9, 1e-11
"""That of findings with other labels, and what a second later adds: the latest is told first."""


def urgency(finding: Finding) -> float:
    """How soon words for a finding are wanted."""
    start = finding.window[0].timestamp() if finding.window else 0.0
    return URGENCY.get(finding.label, OTHERS) + start * LATER


@dataclass(frozen=True, order=True)
class Unworded:
    """A finding that waits for words, named by its id; ordered by `urgency`."""

    urgency: float
    id: str
    analyzer: str


@dataclass
class Untold:
    """The findings that wait for words, by id; of those of an analyzer that are more than `limit` the most urgent."""

    limit: int
    waiting: dict[str, Unworded] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.waiting)

    @property
    def urgency(self) -> float:
        """That of the most urgent; below 0 without any."""
        return max((each.urgency for each in self.waiting.values()), default=-1.0)

    def add(self, findings: Iterable[Finding]) -> list[Unworded]:
        """Let findings wait; a normal window needs no words. Those that there is room for."""
        found = list(findings)
        for each in found:
            self.waiting.pop(each.id, None)
        coming = [Unworded(urgency(each), each.id, each.analyzer) for each in found if each.label != "normal"]
        self.restore(coming)
        return [each for each in coming if each.id in self.waiting]

    def restore(self, findings: Iterable[Unworded]) -> None:
        """Let findings wait again that did before."""
        self.waiting.update({each.id: each for each in findings})
        for analyzer in {each.analyzer for each in self.waiting.values()}:
            ranked = sorted((each for each in self.waiting.values() if each.analyzer == analyzer), reverse=True)
            for each in ranked[self.limit :]:
                del self.waiting[each.id]

    def take(self) -> Unworded:
        """The most urgent, which waits no longer.

        Raises:
            ValueError: none waits.
        """
        return self.waiting.pop(max(self.waiting.values()).id)


@dataclass(frozen=True)
class Teller:
    """Asks for words; `worded` are the analyzers that have questions, by name."""

    gateway: Gateway
    prepare: Preparation
    worded: Mapping[str, Worded]
    model: str

    async def tell(self, finding: Finding) -> Finding | None:
        """The finding in the model's words, a revision later; None where its analyzer has nothing to ask.

        Raises:
            NoAnswer: what the model said was no valid answer, or its figures were wrong.
            ModelUnavailable, ModelRefused: it could not be asked.
        """
        analyzer = self.worded.get(finding.analyzer)
        if analyzer is None:
            return None
        question, mistake = partial(analyzer.question, finding), partial(analyzer.mistake, finding)
        values = await self.ask(question, mistake, urgency(finding))
        if values is None:
            return None
        told = await asyncio.to_thread(analyzer.answered, finding, values)
        model = self.model if told.method == "model" != finding.method else told.model
        return replace(told, id=finding.id, model=model, told_by=self.model, revision=finding.revision + 1)

    async def ask(
        self,
        question: Callable[[Preparation], Prompt | None],
        mistake: Callable[[Mapping[str, Any]], str | None],
        priority: float = 0.0,
    ) -> Mapping[str, Any] | None:
        """What the model answers to a question, without a mistake; None where there is none to ask.

        Raises: as `tell` does.
        """
        prompt = await asyncio.to_thread(question, self.prepare)
        if prompt is None:
            return None
        return (await self.gateway.ask(prompt, priority=priority, check=mistake)).values
