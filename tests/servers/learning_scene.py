"""A store with labels, and tuners that make what a test wants in no time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sllm_core.classifier import Classifier, Verdicts
from sllm_core.classifier.model import Weights
from sllm_core.findings import Finding, pattern_name
from sllm_core.learning.artefacts import read_classifier, write_weights
from sllm_core.learning.candidate import Candidate, TuningWork
from sllm_core.learning.dataset import Dataset, Example
from sllm_core.learning.feedback import Feedback
from sllm_core.learning.learning import Learning
from sllm_core.learning.standing import standing_verdicts
from sllm_core.redaction import Redactor
from sllm_core.settings.sections import LearningSection
from sllm_core.store import Commit, Store

START = datetime(2026, 3, 2, tzinfo=UTC)
NOUNS = ("reactor", "valve", "pump", "turbine", "boiler", "conveyor", "sensor", "relay", "furnace", "gasket", "rotor")
POLICY = {"drifting beyond band": "critical", "humming within band": "normal", "flickering again": "warning"}
"""What a team calls its messages: nothing that the shipped classifier could know."""

LABELLED = [
    (f"{noun}{'ab'[far]}: {verb}{' at station' * far} {noun[::-1]}{' again' * size}", label)
    for size in range(6)
    for far in range(2)
    for noun in NOUNS
    for verb, label in POLICY.items()
]
"""Messages of many patterns, as long ones do not become one with short ones."""


def said(pattern: int | None, label: str | None, **fields: object) -> Feedback:
    """What Kim says of a pattern, or of the finding that is named."""
    usual: dict[str, Any] = {"at": START, "by": "kim", "via": "import", "task": "anomaly"}
    return Feedback(**{**usual, "pattern": pattern, "label": label, **fields})


def patterns_of(store: Store, messages: Iterable[str], source: str = "plant") -> list[int]:
    """The patterns of messages, which the store knows then for good."""
    ids: list[int] = store.patterns.assign(source, pa.array(list(messages))).tolist()
    store.save_patterns()
    return ids


def incident(*patterns: int, label: str = "warning", **fields: object) -> Finding:
    """A finding on an incident with these patterns, of which the first is the root."""
    listed = [
        {"id": pattern_name(each), "kind": f"kind {place}", "level": "ERROR"} for place, each in enumerate(patterns)
    ]
    usual: dict[str, Any] = {
        "id": "f" * 32,
        "analyzer": "anomaly",
        "label": label,
        "source": "plant",
        "window": (START, START + timedelta(hours=1)),
        "confidence": 0.8,
        "facts": {"kind": "kind 0", "patterns": listed},
        "patterns": patterns,
        "method": "classifier",
        "model": "embedded",
    }
    return Finding(**{**usual, **fields})


def keep(store: Store, *findings: Finding) -> None:
    store.commit(Commit("run", "plant", "", findings=findings))


@dataclass
class Scripted:
    """A tuner whose candidate follows from the classifier that judges, by `change`."""

    verdicts: Verdicts
    change: Callable[[Weights], Weights]
    name: str = "classifier"
    tasks: tuple[str, ...] = ("anomaly",)
    odds: Callable[[Sequence[Example]], NDArray[np.float64]] | None = None
    runs: int = 0

    async def tune(self, dataset: Dataset, run: TuningWork) -> Candidate:
        self.runs += 1
        incumbent = self.verdicts.classifier
        made = run.folder / "made"
        await asyncio.to_thread(write_weights, made, self.change(incumbent.weights), {"base": incumbent.version})
        classifier = read_classifier(made)
        answers = Answering(classifier, self.odds or (lambda examples: judged(classifier, examples)))
        return Candidate(classifier.version, incumbent.version, made, answers, Answering(incumbent))


@dataclass(frozen=True)
class Answering:
    """A classifier that answers, or that is said to answer otherwise."""

    classifier: Classifier
    said: Callable[[Sequence[Example]], NDArray[np.float64]] | None = None

    async def odds(self, task: str, examples: Sequence[Example]) -> NDArray[np.float64]:
        return judged(self.classifier, examples) if self.said is None else self.said(examples)


def judged(classifier: Classifier, examples: Sequence[Example]) -> NDArray[np.float64]:
    found = classifier.judge([each.text for each in examples], [each.level for each in examples])
    return np.asarray(found.sentiment if examples[0].task == "sentiment" else found.severity, np.float64)


def slightly(weights: Weights) -> Weights:
    """Other weights that answer alike."""
    return replace(weights, bias=weights.bias + np.float32(1e-4))


def otherwise(weights: Weights) -> Weights:
    """Weights that call everything critical."""
    return replace(weights, bias=weights.bias + np.array([0, 0, 0, 0, 0, 40], np.float32))


def knowing(classifier: Classifier) -> Callable[[Sequence[Example]], NDArray[np.float64]]:
    """Answers that know the policy, and else those of the classifier."""

    def odds(examples: Sequence[Example]) -> NDArray[np.float64]:
        found = judged(classifier, examples)
        for place, each in enumerate(examples):
            for verb, label in POLICY.items():
                if verb in each.text:
                    found[place] = np.eye(3)[("normal", "warning", "critical").index(label)]
        return found

    return odds


@dataclass
class Group:
    """A store, and what learns from it."""

    store: Store
    learning: Learning
    verdicts: Verdicts


@dataclass
class Team(Group):
    """A team with a tuner that does as it is told."""

    tuner: Scripted


def team(folder: Path | None, change: Callable[[Weights], Weights] = slightly, **terms: object) -> Team:
    """A team without labels yet; the caller closes the store."""
    store = Store(folder)
    verdicts = standing_verdicts(store)
    tuner = Scripted(verdicts, change)
    section = LearningSection.model_validate(terms)
    learning = Learning(store, verdicts, [tuner], section, Redactor())
    return Team(store, learning, verdicts, tuner)


def label_all(told: Group, labelled: Sequence[tuple[str, str]] = LABELLED, **fields: object) -> None:
    ids = patterns_of(told.store, [message for message, _ in labelled])
    told.learning.feedback.give_all(
        said(pattern, label, **fields) for pattern, (_, label) in zip(ids, labelled, strict=True)
    )
