"""Whether a candidate may take the incumbent's place: measured on what it has not seen, and on what must not change."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from sllm_core.classifier.corpus import read_corpus
from sllm_core.learning.candidate import Candidate
from sllm_core.learning.checks import (
    Check,
    better_check,
    canary_check,
    corpus_checks,
    labels_check,
    recent_checks,
    tested_checks,
)
from sllm_core.learning.dataset import Dataset, Example, Part
from sllm_core.learning.measured import Found, Steps, answered, task_of
from sllm_core.learning.measuring import Pair
from sllm_core.learning.orders import Step, Tell
from sllm_core.learning.parts import part_of_text
from sllm_core.learning.prompted import Prompted
from sllm_core.learning.reference import Best
from sllm_core.learning.sampling import sample
from sllm_core.learning.served import Served, served_checks
from sllm_core.learning.statement import LABELS, SUMMARY
from sllm_core.learning.summaries import Summaries

if TYPE_CHECKING:
    from sllm_core.settings.sections import LearningSection

CANARIES = "canaries.csv"
"""Hostile lines, and plain ones, each with a label that it must never be given."""


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
        check = labels_check(dataset, tasks)
        if check.passed:
            return None
        report = {"tasks": {}, "checks": [check.to_json()], "missing": [], "dataset": dict(dataset.manifest)}
        return Judged("refused", check.told, report)

    async def judge(
        self,
        candidate: Candidate,
        dataset: Dataset,
        tasks: Sequence[str],
        best: Mapping[tuple[str, str], Best] | None = None,
        tell: Tell | None = None,
    ) -> Judged:
        """Measure a candidate: first what the incumbent says of everything, then what it says itself.

        Args:
            best: the best that versions have reached on what must not change, by task and suite.
        """
        is_served = isinstance(candidate.candidate, Prompted)
        suites, told = self._suites(dataset, tasks, is_served), self._told(dataset, tasks)
        steps = Steps(tell if tell and is_served else _quietly, 2 * len(suites))
        before = await answered(candidate.incumbent, suites, told, steps)
        after = await answered(candidate.candidate, suites, told, steps)
        pairs = {
            name: Pair(LABELS[task_of(name)], _truth(examples), before.odds[name], after.odds[name], self._terms.seed)
            for name, examples in suites.items()
        }
        if is_served:
            pairs = {name: pair.sampled() for name, pair in pairs.items()}
        summaries = Summaries(told, before.texts, after.texts, self._terms.seed) if told and after.texts else None
        served = Served.of(before.calls, after.calls)
        found = Found(pairs, suites, served, summaries)
        return await asyncio.to_thread(self._judged, found, dataset, tasks, best or {})

    def _suites(self, dataset: Dataset, tasks: Sequence[str], served: bool) -> dict[str, Sequence[Example]]:
        """What both are asked; of a served model, which takes its time, only so much of each kind."""
        labelled = [task for task in tasks if task in LABELS]
        tested = self.ready(dataset, labelled)
        suites = {f"test {task}": held_out(dataset, task) for task in tested}
        suites |= {f"recent {task}": human(dataset, task, "recent") for task in tested}
        suites |= {f"corpus {task}": corpus_examples(task) for task in labelled}
        if served:
            most = max(self._terms.asked, self._terms.least_test)
            suites |= {f"corpus {task}": corpus_sample(task, most) for task in labelled}
            suites = {name: sample(examples, most) for name, examples in suites.items()}
        suites |= {f"canaries {task}": canaries(task) for task in labelled}
        return {name: examples for name, examples in suites.items() if examples}

    def _told(self, dataset: Dataset, tasks: Sequence[str]) -> Sequence[Example]:
        """The summaries that both are asked for."""
        if SUMMARY not in self.ready(dataset, tasks):
            return ()
        known = [each for each in held_out(dataset, SUMMARY) if each.window]
        return sample(known, max(self._terms.asked, self._terms.least_test))

    def _judged(
        self, found: Found, dataset: Dataset, tasks: Sequence[str], best: Mapping[tuple[str, str], Best]
    ) -> Judged:
        suites = {task_of(name): digest_of(each) for name, each in found.suites.items() if name.startswith("corpus ")}
        checks = [*self._checks(found, dataset, tasks, suites, best)]
        tested = {task: pair.report() for task, pair in found.of("test").items()}
        if found.summaries is not None:
            tested[SUMMARY] = found.summaries.report()
        report = {
            "tasks": tested,
            "recent": {task: pair.report() for task, pair in found.of("recent").items()},
            "regression": {task: {**pair.report(), "suite": suites[task]} for task, pair in found.of("corpus").items()},
            "checks": [each.to_json() for each in checks],
            "missing": self.missing(dataset, tasks),
            "dataset": dict(dataset.manifest),
            **({} if found.served is None else {"served": found.served.report()}),
        }
        if failed := [each.told for each in checks if not each.passed]:
            return Judged("refused", "; ".join(failed), report)
        told = ", ".join(f"{task} {_gain(each)}" for task, each in tested.items())
        return Judged("promoted", f"better: {told}", report)

    def _checks(
        self,
        found: Found,
        dataset: Dataset,
        tasks: Sequence[str],
        suites: Mapping[str, str],
        best: Mapping[tuple[str, str], Best],
    ) -> Iterator[Check]:
        terms, tested = self._terms, found.of("test")
        gains = [pair.report()["mcnemar_p"] for pair in tested.values() if (pair.difference["difference"] or 0) > 0]
        if found.summaries is not None:
            gains += found.summaries.gains
        yield labels_check(dataset, tasks)
        yield from tested_checks(terms, tested)
        if found.summaries is not None:
            yield found.summaries.check(terms)
        yield better_check(terms, gains)
        yield from recent_checks(terms, found.of("recent"))
        yield from corpus_checks(terms, found.of("corpus"), suites, best)
        yield from (
            canary_check(task, pair, found.suites[f"canaries {task}"]) for task, pair in found.of("canaries").items()
        )
        if found.served is not None:
            yield from served_checks(terms, found.served)


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


def unlearnt_corpus(task: str) -> tuple[Example, ...]:
    """Those of them that are never replayed to who learns."""
    return tuple(each for each in corpus_examples(task) if part_of_text(each.text) != "train")


def corpus_sample(task: str, most: int) -> tuple[Example, ...]:
    """Some of those, the same messages for every task, as one answer tells both labels."""
    chosen = {each.text for each in sample(unlearnt_corpus("anomaly"), most)}
    return tuple(each for each in unlearnt_corpus(task) if each.text in chosen)


def canaries(task: str) -> tuple[Example, ...]:
    """Lines with a label, `label`, that they must never be given."""
    text = resources.files(__package__).joinpath(CANARIES).read_text(encoding="utf-8")
    rows = [row for row in csv.DictReader(text.splitlines()) if row["task"] == task]
    return tuple(Example(task, "", row["message"], row["never"], "golden") for row in rows)


def digest_of(examples: Iterable[Example]) -> str:
    """What a suite is told by: 16 hexadecimal digits."""
    lines = "\n".join(f"{each.label} {each.level} {each.text}" for each in examples)
    return blake2b(lines.encode(errors="surrogatepass"), digest_size=8).hexdigest()


def _quietly(step: Step) -> None:
    """Tells nobody."""


def _gain(report: Mapping[str, Any]) -> str:
    metric = "macro-F1" if report["metric"] == "macro_f1" else "right"
    return f"{report['difference']:+.3f} {metric}"


def _truth(examples: Sequence[Example]) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.array([LABELS[each.task].index(each.label) for each in examples], np.int64)
