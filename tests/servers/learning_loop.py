"""A team at a plant whose language model is really tuned: the trained base on the real Ollama, and all that learns."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from learning_scene import patterns_of, said
from ollama_server import drop_model, put_model, unload_model
from shifted_task import general_messages, new_messages, old_messages
from sllm_core.classifier import Verdicts
from sllm_core.classifier.corpus import Labelled
from sllm_core.learning import gate, replay
from sllm_core.learning.learning import Learning
from sllm_core.learning.orders import Order, Tell, TuningResult
from sllm_core.learning.standing import standing_verdicts
from sllm_core.learning.watching import Watch
from sllm_core.loader import Assembly
from sllm_core.models import Completion, Gateway, Prompt
from sllm_core.models.adaptable import Adaptable
from sllm_core.opening import assemble, open_learning, open_store
from sllm_core.prompts import PatternEntry, judge_prompt
from sllm_core.redaction import Redactor
from sllm_core.review.judging import Calibrations, Judge, Said, judge_version
from sllm_core.review.known import LATEST, known_verdicts
from sllm_core.safety import Preparation
from sllm_core.settings import settings_from
from sllm_core.settings.sections import LearningSection, WatchSection
from sllm_core.store import Store
from sllm_plugins.tuners.lora.tags import Tags
from trained_llama import CONTEXT, trained_llama, unseen_messages

LORA: dict[str, Any] = {
    # 2e-4 is for billions of weights; a million of them need larger steps to get anywhere (5e-3 leads astray).
    "learning_rate": 2e-3,
    # A model this small does not tell eight patterns of one prompt apart: it is asked about one, and learns more rows.
    "patterns": 1,
    "batch": 32,
    "least_steps": 150,
    # The server works on the same machine.
    "devices": "cpu",
    "threads": 1,
}
"""What differs from the defaults of [plugins.lora]."""

LEARNING: dict[str, Any] = {
    # What humans said is all that is learnt: the shipped classifier knows nothing of this plant.
    "agreement": False,
    # Of each kind both are asked so many, since other tests work beside this one.
    "asked": 20,
    # Few messages are known, so that more of them have to be seen again to be kept.
    "replay": 0.4,
    # An answer takes a few hundredths of a second, less than what else this machine may do meanwhile.
    "latency": 20.0,
}
"""What differs from the defaults of [learning]."""

LABELLED = new_messages()[:432:2]
"""Messages that the team has labelled."""

UNLABELLED = new_messages()[433::3]
"""Messages of the same kinds that nobody has labelled."""

REMEMBERED = [(text, severity) for text, (_, severity) in unseen_messages()]
"""Messages of the old policy, of which the base has not seen these, and the team has labelled none."""

WRONG = {"normal": "critical", "warning": "normal", "critical": "normal"}
"""What somebody says who wants harm to be overlooked, and alarms that are none."""


@contextmanager
def plant_corpus() -> Iterator[None]:
    """The old policy in the place of the shipped corpus: it is what this base knows, and must not forget.

    A model of a million weights has never learnt to read what the corpus holds, so there is nothing to lose there.
    """
    known = [*old_messages(), *general_messages()]
    corpus = [Labelled("plant", None, "en", *labels, text) for text, labels in known]
    with pytest.MonkeyPatch.context() as patch:
        for module in (gate, replay):
            patch.setattr(module, "read_corpus", lambda: corpus)
        yield


@contextmanager
def base_tag(url: str) -> Iterator[str]:
    """A tag of the trained base on a server, as long as this lasts."""
    tag = f"sllm-test-trained:{uuid.uuid4().hex[:12]}"
    put_model(url, tag, trained_llama() / "base.gguf")
    try:
        yield tag
    finally:
        unload_model(url, tag)
        drop_model(url, tag)


@dataclass
class Plant:
    """A team: its store, what learns from it, and the loop in which its model is asked."""

    store: Store
    verdicts: Verdicts
    assembly: Assembly
    learning: Learning
    runner: asyncio.Runner
    results: list[TuningResult] = field(default_factory=list)

    @property
    def gateway(self) -> Gateway:
        """The way to the model that answers now."""
        assert self.assembly.model is not None
        return self.assembly.model

    def label(self, labelled: Sequence[tuple[str, str]], **fields: object) -> None:
        """Have Kim say how severe messages are, or whoever is named."""
        ids = patterns_of(self.store, [text for text, _ in labelled])
        self.learning.feedback.give_all(
            said(pattern, label, **fields) for pattern, (_, label) in zip(ids, labelled, strict=True)
        )

    def tune(self, name: str, tell: Tell = lambda step: None) -> TuningResult:
        """A run of tuning that learns how severe messages are."""
        order = Order(("lora",), ("anomaly",))
        result = self.runner.run(self.learning.tuning.tune(order, name, tell))
        self.results.append(result)
        return result

    def completions(self, messages: Iterable[str]) -> list[Completion]:
        """What the model that serves writes of messages, each alone, with its log-probabilities; nothing is kept.

        How long it took is left out, so that the same answers are equal.
        """

        async def ask() -> list[Completion]:
            await self.gateway.serving.identify()
            found = [await self.gateway.serving.complete(self._prompt(each)) for each in messages]
            return [replace(each, seconds=0.0) for each in found]

        return self.runner.run(ask())

    def right(self, labelled: Sequence[tuple[str, str]]) -> float:
        """The share of messages of which the model that serves says how severe they are."""
        found = [json.loads(each.text)["1_severity"] for each in self.completions(text for text, _ in labelled)]
        pairs = zip(found, labelled, strict=True)
        return sum(int(severity == label) for severity, (_, label) in pairs) / len(labelled)

    def judge(self, messages: Sequence[str]) -> None:
        """Have the model that serves judge messages, as it does in service; its verdicts hold from then on."""
        ids = patterns_of(self.store, messages)

        async def ask() -> tuple[str, list[Said]]:
            judge = Judge(self.gateway, self._prepare, "en", CONTEXT)
            asked = [PatternEntry(*each) for each in zip(ids, messages, strict=True)]
            found = [said_now for each in asked for said_now in await judge.ask([each])]
            return judge_version(await self.gateway.serving.identify(), "en"), found

        version, found = self.runner.run(ask())
        uncalibrated = Calibrations()
        self.store.save_verdicts(version, [uncalibrated.verdict(*each) for each in zip(ids, found, strict=True)])
        self.store.remember(LATEST, version)
        self.verdicts.adopt(known_verdicts(self.store))

    def watch(self) -> Watch:
        """What watches the versions of this team, with less patience than usual."""
        terms = WatchSection(least=20, statements=5, looks=2)
        parts = self.store, self.learning.registry, self.verdicts, terms, LearningSection()
        return Watch(*parts, lambda: self.gateway.counts)

    def _prompt(self, message: str) -> Prompt:
        return judge_prompt([PatternEntry(0, message)], "en", self._prepare)

    @property
    def _prepare(self) -> Preparation:
        return Preparation(Redactor(), (), self.store.secret())


@contextmanager
def plant(
    folder: Path, url: str, tag: str, lora: Mapping[str, Any] | None = None, **learning: object
) -> Iterator[Plant]:
    """A team whose settings differ from the defaults as LORA and LEARNING say, and further as is told here.

    What it has put on the server is taken away in the end.
    """
    settings = settings_from(
        {
            "language": "en",
            "store": {"path": str(folder)},
            "learning": {**LEARNING, **learning},
            "plugins": {
                "ollama": {"url": url, "model": tag, "num_thread": 1, "parallel": 1},
                "lora": {**LORA, **(lora or {})},
            },
        }
    )
    with open_store(settings) as store, asyncio.Runner() as runner:
        verdicts = standing_verdicts(store)
        assembly = assemble(settings, store, verdicts)
        learning_here = open_learning(settings, store, verdicts, assembly)
        team = Plant(store, verdicts, assembly, learning_here, runner)
        try:
            yield team
        finally:
            runner.run(_cleared(team))


async def _cleared(team: Plant) -> None:
    """Take the tags of the team's versions off the server, and close what is open."""
    model = team.gateway.model
    assert isinstance(model, Adaptable)
    team.gateway.switch(None)
    made = {str(each.lineage["tag"]) for each in team.learning.registry.versions() if "tag" in each.lineage}
    for tag in {*made, *Tags(team.store, "lora").known()}:
        await model.withdraw(tag)
    await team.gateway.close()


def told_as_text(title: str, result: TuningResult) -> str:
    """The report of the gate in lines."""
    checks = [
        f"  {'ok ' if each['passed'] else 'NO '} {each['name']}: {each['measured']} (needed: {each['needed']})"
        for each in result.report["checks"]
    ]
    figures = [
        f"  {suite} {task}: {each['incumbent']} -> {each['candidate']} {each['metric']} ({each['n']} patterns)"
        for suite, found in (("test", "tasks"), ("old task", "regression"))
        for task, each in (result.report.get(found) or {}).items()
    ]
    return "\n".join([f"{title}: {result.outcome}: {result.detail}", *figures, *checks])
