"""The conditions of the gate, each with what was found and what had to be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sllm_core.learning.dataset import Dataset, Example
from sllm_core.learning.measuring import Pair
from sllm_core.learning.reference import Best

if TYPE_CHECKING:
    from sllm_core.settings.sections import LearningSection

SPOILT = 0.1
"""Which share of the labels may have been set aside; with more, who gave them is to be looked at."""

SUSPECT = ("flip", "volume", "reversal")
"""Why labels are set aside that somebody may have given to do harm."""

RECENT = 20
"""From how many of the newest patterns on they are a condition."""

UNSEEN = 3
"""So many messages of a sample may turn to the worse by chance: fewer cannot be told from none."""


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


def labels_check(dataset: Dataset, tasks: Sequence[str]) -> Check:
    """Whether too many labels contradict one another or came too fast, which humans at work do not do."""
    aside = [each for each in dataset.quarantined if each.task in tasks and each.reason in SUSPECT]
    spoilt = sum(each.count for each in aside)
    used = sum(each.count for each in dataset.examples if each.task in tasks and each.origin == "human")
    share = round(spoilt / max(spoilt + used, 1), 4)
    needed = f"at most {SPOILT:g} of all, as flips, floods or reversals"
    return Check("labels set aside", share <= SPOILT, share, needed, "set_aside", {"most": SPOILT})


def tested_checks(terms: LearningSection, tested: Mapping[str, Pair]) -> Iterator[Check]:
    """Whether each task is no worse on what nobody learnt from, and its probabilities say no more than they did."""
    for task, pair in tested.items():
        low, least = pair.difference["low"], -terms.tolerance
        needed, values = f"at least {least:g} (macro-F1, low)", {"task": task, "least": least}
        kept = low is not None and low >= least
        yield Check(f"{task}: not worse", kept, low, needed, "not_worse", values)
        before, after = pair.calibration
        worse, most = round(after - before, 4), terms.calibration
        needed, values = f"an error that grows by at most {most:g}", {"task": task, "most": most}
        yield Check(f"{task}: calibration", worse <= most, worse, needed, "calibration", values)


def better_check(terms: LearningSection, gains: Sequence[float]) -> Check:
    """Whether a task at least is better, and not by chance; `gains` are the p-values of those that are better."""
    best, below = min(gains, default=None), terms.significance
    needed = f"a task that is better with p < {below:g}"
    return Check("better", best is not None and best < below, best, needed, "better", {"below": below})


def recent_checks(terms: LearningSection, recent: Mapping[str, Pair]) -> Iterator[Check]:
    """Whether what was labelled last is not got wrong more often, beyond chance."""
    for task, pair in recent.items():
        if pair.size >= RECENT:
            better, worse = pair.wins
            p, below = pair.report()["mcnemar_p"], terms.significance
            needed, values = f"not worse with p < {below:g}", {"task": task, "below": below}
            yield Check(f"{task}: newest labels", better >= worse or p >= below, p, needed, "recent", values)


def corpus_checks(
    terms: LearningSection, corpus: Mapping[str, Pair], suites: Mapping[str, str], best: Mapping[tuple[str, str], Best]
) -> Iterator[Check]:
    """Whether what the package knows is kept, beside what serves now and beside the best that ever served.

    Args:
        suites: the digests of the messages, by task.
    """
    for task, pair in corpus.items():
        gap, least = pair.difference["difference"], -_slack(terms.tolerance, pair.size, pair.is_sample)
        needed, values = f"at least {least:g} (macro-F1)", {"task": task, "least": least}
        kept = gap is not None and gap >= least
        yield Check(f"{task}: shipped corpus", kept, gap, needed, "corpus", values)
        if (known := best.get((task, suites[task]))) is not None:
            yield _reference_check(task, pair, known, least)
        yield _recall_check(terms, task, pair)


def _reference_check(task: str, pair: Pair, best: Best, least: float) -> Check:
    score, floor = pair.difference["candidate"], round(best.score + least, 4)
    needed = f"at least {floor:g} (macro-F1), as {best.version} has {best.score:.4g}"
    values = {"task": task, "least": floor, "version": best.version}
    kept = score is not None and score >= floor
    return Check(f"{task}: shipped corpus, beside the best", kept, score, needed, "reference", values)


def _recall_check(terms: LearningSection, task: str, pair: Pair) -> Check:
    drops = {name: (each["incumbent"] or 0) - (each["candidate"] or 0) for name, each in pair.recall.items()}
    allowed = {
        name: _slack(terms.recall_drop, int((pair.truth == place).sum()), pair.is_sample)
        for place, name in enumerate(pair.labels)
    }
    label = max(drops, key=lambda name: drops[name] - allowed[name])
    drop, most = round(drops[label], 4), allowed[label]
    needed = f"a drop of at most {most:g} on the corpus"
    values = {"task": task, "label": label, "most": most}
    return Check(f"{task}: recall of {label}", drop <= most, drop, needed, "recall", values)


def canary_check(task: str, pair: Pair, lines: Sequence[Example]) -> Check:
    """Whether no hostile line is given the label that it asks for."""
    fooled = pair.answers == pair.truth
    told = lines[int(fooled.argmax())].text[:80] if fooled.any() else 0
    needed, values = "none of the hostile lines misread", {"task": task}
    return Check(f"{task}: canaries", not fooled.any(), told, needed, "canaries", values)


def _slack(tolerance: float, size: int, is_sample: bool) -> float:
    return round(max(tolerance, UNSEEN / max(size, 1)), 4) if is_sample else tolerance
