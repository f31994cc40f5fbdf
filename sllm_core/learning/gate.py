"""Whether a candidate may take the incumbent's place: measured on what it has not seen, and on what must not change."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from sllm_core.classifier.corpus import read_corpus
from sllm_core.learning.candidate import Answers, Candidate
from sllm_core.learning.dataset import Dataset, Example, Part
from sllm_core.learning.measuring import Pair
from sllm_core.learning.statement import LABELS

if TYPE_CHECKING:
    from sllm_core.settings.sections import LearningSection

CANARIES = "canaries.csv"
"""Hostile lines, and plain ones, each with a label that it must never be given."""

SPOILT = 0.1
"""Which share of the labels may have been set aside as flips or floods; with more, who gave them is to be looked at."""


@dataclass(frozen=True)
class Check:
    """One condition: `measured` is what was found, `needed` says what it had to be.

    `code` and `values` say the same for those who word it in another language.
    """

    name: str
    passed: bool
    measured: float | int | str | None
    needed: str
    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def told(self) -> str:
        """What was found, and what had to be."""
        return f"{self.name}: {self.measured}, needed {self.needed}"

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        return {**vars(self), "values": dict(self.values)}


@dataclass(frozen=True)
class Judged:
    """What came of it: promoted (it may be), refused or insufficient; why; and the report as JSON values."""

    outcome: str
    detail: str
    report: Mapping[str, Any] = field(default_factory=dict)


class Gate:
    """Measures candidates by the terms of [learning]; a task is measured if it has labels enough."""

    def __init__(self, terms: LearningSection) -> None:
        self._terms = terms

    @property
    def terms(self) -> dict[str, Any]:
        """What the verdicts of the gate follow from besides the examples."""
        return {"terms": self._terms.model_dump(mode="json")}

    def missing(self, dataset: Dataset, tasks: Iterable[str]) -> list[dict[str, Any]]:
        """What there is too little of, by task: labelled patterns to learn from, and to measure on."""
        return [
            {"task": task, "what": what, "have": have, "needed": needed}
            for task in tasks
            for what, have, needed in (
                ("labelled patterns to learn from", len(human(dataset, task, "train")), self._terms.least_train),
                ("labelled patterns to measure on", len(held_out(dataset, task)), self._terms.least_test),
            )
            if have < needed
        ]

    def ready(self, dataset: Dataset, tasks: Iterable[str]) -> list[str]:
        """The tasks of which there is enough."""
        lacking = {each["task"] for each in self.missing(dataset, tasks)}
        return [task for task in tasks if task not in lacking]

    def insufficient(self, dataset: Dataset, tasks: Sequence[str]) -> Judged:
        """That no task has labels enough, and what is lacking."""
        missing = self.missing(dataset, tasks)
        told = "; ".join(f"{each['task']}: {each['have']} of {each['needed']} {each['what']}" for each in missing)
        report = {"tasks": {}, "checks": [], "missing": missing, "dataset": dict(dataset.manifest)}
        return Judged("insufficient", f"too few labels: {told}", report)

    def spoilt(self, dataset: Dataset, tasks: Sequence[str]) -> Judged | None:
        """That too many labels were set aside for anything to be learnt from the others; None where they were not."""
        check = self._labels(dataset, tasks)
        if check.passed:
            return None
        report = {"tasks": {}, "checks": [check.to_json()], "missing": [], "dataset": dict(dataset.manifest)}
        return Judged("refused", check.told, report)

    async def judge(self, candidate: Candidate, dataset: Dataset, tasks: Sequence[str]) -> Judged:
        """Measure a candidate: first what the incumbent says of everything, then what it says itself."""
        measured = self.ready(dataset, tasks)
        suites = {f"test {task}": held_out(dataset, task) for task in measured}
        suites |= {f"corpus {task}": corpus_examples(task) for task in tasks}
        suites |= {f"canaries {task}": canaries(task) for task in tasks}
        before = await _answers(candidate.incumbent, suites)
        after = await _answers(candidate.candidate, suites)
        pairs = {
            name: Pair(LABELS[_task(name)], _truth(examples), before[name], after[name], self._terms.seed)
            for name, examples in suites.items()
        }
        return await asyncio.to_thread(self._judged, pairs, suites, dataset, tasks)

    def _judged(
        self, pairs: Mapping[str, Pair], suites: Mapping[str, Sequence[Example]], dataset: Dataset, tasks: Sequence[str]
    ) -> Judged:
        tested = {_task(name): pair for name, pair in pairs.items() if name.startswith("test ")}
        corpus = {_task(name): pair for name, pair in pairs.items() if name.startswith("corpus ")}
        caught = {name: pair for name, pair in pairs.items() if name.startswith("canaries ")}
        checks = [
            self._labels(dataset, tasks),
            *self._tested(tested),
            *self._better(tested),
            *self._kept(corpus),
            *(_canary(name, pair, suites[name]) for name, pair in caught.items()),
        ]
        report = {
            "tasks": {task: pair.report() for task, pair in tested.items()},
            "regression": {task: pair.report() for task, pair in corpus.items()},
            "checks": [each.to_json() for each in checks],
            "missing": self.missing(dataset, tasks),
            "dataset": dict(dataset.manifest),
        }
        if failed := [each.told for each in checks if not each.passed]:
            return Judged("refused", "; ".join(failed), report)
        told = ", ".join(f"{task} {pair.difference['difference']:+.3f} macro-F1" for task, pair in tested.items())
        return Judged("promoted", f"better: {told}", report)

    def _labels(self, dataset: Dataset, tasks: Sequence[str]) -> Check:
        """Whether too many labels contradict one another or came too fast, which humans at work do not do."""
        aside = [each for each in dataset.quarantined if each.task in tasks and each.reason in ("flip", "volume")]
        spoilt = sum(each.count for each in aside)
        used = sum(each.count for each in dataset.examples if each.task in tasks and each.origin == "human")
        share = round(spoilt / max(spoilt + used, 1), 4)
        needed = f"at most {SPOILT:g} of all, as flips or floods"
        return Check("labels set aside", share <= SPOILT, share, needed, "set_aside", {"most": SPOILT})

    def _tested(self, tested: Mapping[str, Pair]) -> Iterator[Check]:
        for task, pair in tested.items():
            low, least = pair.difference["low"], -self._terms.tolerance
            needed, values = f"at least {least:g} (macro-F1, low)", {"task": task, "least": least}
            kept = low is not None and low >= least
            yield Check(f"{task}: not worse", kept, low, needed, "not_worse", values)
            before, after = pair.calibration
            worse, most = round(after - before, 4), self._terms.calibration
            needed, values = f"an error that grows by at most {most:g}", {"task": task, "most": most}
            yield Check(f"{task}: calibration", worse <= most, worse, needed, "calibration", values)

    def _better(self, tested: Mapping[str, Pair]) -> Iterator[Check]:
        """Whether a task at least is better, and not by chance."""
        gains = [pair.report()["mcnemar_p"] for pair in tested.values() if (pair.difference["difference"] or 0) > 0]
        best = min(gains, default=None)
        below = self._terms.significance
        needed = f"a task that is better with p < {below:g}"
        yield Check("better", best is not None and best < below, best, needed, "better", {"below": below})

    def _kept(self, corpus: Mapping[str, Pair]) -> Iterator[Check]:
        for task, pair in corpus.items():
            gap, least = pair.difference["difference"], -self._terms.tolerance
            needed, values = f"at least {least:g} (macro-F1)", {"task": task, "least": least}
            kept = gap is not None and gap >= least
            yield Check(f"{task}: shipped corpus", kept, gap, needed, "corpus", values)
            drops = {name: (each["incumbent"] or 0) - (each["candidate"] or 0) for name, each in pair.recall.items()}
            label = max(drops, key=lambda name: drops[name])
            drop, most = round(drops[label], 4), self._terms.recall_drop
            needed = f"a drop of at most {most:g} on the corpus"
            values = {"task": task, "label": label, "most": most}
            yield Check(f"{task}: recall of {label}", drop <= most, drop, needed, "recall", values)


def human(dataset: Dataset, task: str, *parts: Part) -> tuple[Example, ...]:
    """The examples that humans labelled, of a task and of some parts."""
    return tuple(each for each in dataset.of(task, *parts) if each.origin == "human")


def held_out(dataset: Dataset, task: str) -> tuple[Example, ...]:
    """The examples that nothing has learnt from: those of the test and of the golden set."""
    return human(dataset, task, "test", "golden")


def corpus_examples(task: str) -> tuple[Example, ...]:
    """The messages that the package brings, with the labels of a task."""
    return tuple(
        Example(
            task, "", each.message, each.sentiment if task == "sentiment" else each.severity, "golden", level=each.level
        )
        for each in read_corpus()
    )


def canaries(task: str) -> tuple[Example, ...]:
    """Lines with a label, `label`, that they must never be given."""
    text = resources.files(__package__).joinpath(CANARIES).read_text(encoding="utf-8")
    rows = [row for row in csv.DictReader(text.splitlines()) if row["task"] == task]
    return tuple(Example(task, "", row["message"], row["never"], "golden") for row in rows)


def _canary(name: str, pair: Pair, lines: Sequence[Example]) -> Check:
    fooled = pair.candidate.argmax(axis=1) == pair.truth
    told = lines[int(fooled.argmax())].text[:80] if fooled.any() else 0
    needed, values = "none of the hostile lines misread", {"task": _task(name)}
    return Check(f"{_task(name)}: canaries", not fooled.any(), told, needed, "canaries", values)


def _task(name: str) -> str:
    return name.split(" ", 1)[1]


def _truth(examples: Sequence[Example]) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.array([LABELS[each.task].index(each.label) for each in examples], np.int64)


async def _answers(answers: Answers, suites: Mapping[str, Sequence[Example]]) -> dict[str, Any]:
    return {name: await answers.odds(_task(name), examples) for name, examples in suites.items()}
