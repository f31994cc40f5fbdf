"""A whole run with a scripted model: lines in, findings out, and what the model was asked."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from sllm_core.classifier import Classifier, Verdicts
from sllm_core.components import Context
from sllm_core.delivery import Delivery
from sllm_core.findings import Finding
from sllm_core.models import Gateway, Limits, Prompt
from sllm_core.pipeline import Counts, Pace, Pipeline
from sllm_core.records import LogBatch
from sllm_core.review.examiner import Terms
from sllm_core.review.outcome import Outcome
from sllm_core.review.reviewer import Reviewer
from sllm_core.store import Store
from sllm_core.testing import START, ListSink, ListSource, ScriptedModel, records
from sllm_plugins.anomaly import Anomaly, AnomalyConfig
from sllm_plugins.sentiment import Sentiment, SentimentConfig
from sllm_plugins.summary import Summary, SummaryConfig


class Plain:
    """A redactor that hides nothing."""

    def session(self) -> Plain:
        return self

    def redact(self, text: str) -> str:
        return text


@dataclass
class Desk:
    """Runs pipelines over lines with a reviewer, all on one store."""

    store: Store = field(default_factory=Store)
    sink: ListSink = field(default_factory=ListSink)
    terms: Terms = field(default_factory=lambda: Terms(Plain(), trial=False))
    limits: Limits = field(default_factory=lambda: Limits(pause=0.01, longest_pause=0.01, backoff=0.001))
    failures: list[str] = field(default_factory=list)

    def anew(self, *, store: Store | None = None, patterns: int = 8, trial: bool = False) -> Desk:
        """Another desk, on the store of this one or its own, on other terms."""
        return Desk(store or Store(), terms=Terms(Plain(), patterns=patterns, trial=trial))

    def run(self, model: ScriptedModel, *batches: LogBatch, patience: float = 5, grace: float = 0) -> Outcome:
        """Read the batches as one source, wait for the model, and end."""
        return asyncio.run(self._run(model, batches, patience, grace))

    async def _run(self, model: ScriptedModel, batches: Sequence[LogBatch], patience: float, grace: float) -> Outcome:
        verdicts = Verdicts(Classifier.load, self.store.patterns)
        context = Context(self.store.patterns, verdicts, self.store, self.terms.language)
        analyzers = [
            *Sentiment("sentiment", SentimentConfig()).sllm_analyzers(context),
            *Anomaly("anomaly", AnomalyConfig()).sllm_analyzers(context),
            *Summary("summary", SummaryConfig()).sllm_analyzers(context),
        ]
        self.store.welcome(self.sink.name)
        delivery = Delivery([self.sink], self.store)
        gateway = Gateway(model, self.limits, self.store)
        reviewer = Reviewer(
            gateway, self.store, verdicts, analyzers, self.terms, delivery.catch_up, self.failures.append, grace=grace
        )
        pipeline = Pipeline(
            ListSource("test", batches), analyzers, delivery, self.store, Pace(), Counts(), "run", review=reviewer
        )
        async with asyncio.TaskGroup() as tasks:
            working = tasks.create_task(reviewer.run())
            await pipeline.run()
            await reviewer.finish(patience)
            working.cancel()
        return reviewer.outcome

    @staticmethod
    def judgement(prompt: Prompt, sentiment: str = "neutral", severity: str = "normal", **told: str) -> dict[str, str]:
        """An answer to a question about patterns: `told` has the severity of those whose lines have a word.

        To other questions it is no valid answer.
        """
        if prompt.task != "judge":
            return {}
        places = sorted({int(name.split("_")[0]) for name in prompt.schema["properties"]})
        answer: dict[str, str] = {}
        for place in places:
            lines = " ".join(line for line in prompt.user.splitlines() if re.search(rf"\b{place} template", line))
            found = next((said for word, said in told.items() if word in lines), severity)
            bad = "negative" if found != "normal" else sentiment
            answer |= {f"{place}_sentiment": bad, f"{place}_severity": found}
        return answer

    @staticmethod
    def words(prompt: Prompt, text: str) -> Mapping[str, Any]:
        """An answer in these words where words are asked for; frobnicators are critical."""
        if prompt.task == "judge":
            return Desk.judgement(prompt, frobnicator="critical")
        known = prompt.schema["properties"]
        return {name: each["enum"][0] if "enum" in each else text for name, each in known.items()}

    @staticmethod
    def lines(*texts: str, start: datetime = START) -> LogBatch:
        """A batch as a source gives it."""
        return LogBatch("test", "test", records(*texts, start=start), cursor=1)

    def latest(self, analyzer: str) -> list[Finding]:
        """What the sink has of an analyzer, of each finding the newest revision."""
        newest: dict[str, Finding] = {}
        for each in self.sink.findings:
            assert each.id not in newest or each.revision > newest[each.id].revision
            newest[each.id] = each
        return [each for each in newest.values() if each.analyzer == analyzer]


@pytest.fixture
def desk() -> Desk:
    return Desk()
