"""What the embedded classifier learns of labels: on logs that it has not seen, on its own corpus, and of ten labels.

    python benchmarks/learning.py [FOLDER]

FOLDER (default: the environment variable SLLM_LOGHUB) holds logs whose lines have levels (<Set>.log). Each pattern has
the level of most of its lines as its label: WARN is a warning, ERROR and FATAL are critical, all else is normal. The
levels, and all words that name one, are taken out of what the classifier sees. One half of the patterns is labelled and
learnt, the other half is measured, and then the other way round; a pattern counts once, however many lines it has.
PR-AUC is the area under the precision-recall curve of `problem`, with a 95 % interval of the difference (paired
bootstrap over patterns). The corpus is measured as the gate does it: macro-F1 of the messages that the package brings.
"""

from __future__ import annotations

import argparse
import os
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from truth import read_records

from sllm_core.classifier import Classifier
from sllm_core.classifier.lexicon import Lexicon
from sllm_core.classifier.retrain import Told, retrain
from sllm_core.classifier.text import filled
from sllm_core.learning.gate import corpus_examples
from sllm_core.learning.measuring import Pair
from sllm_core.learning.statement import LABELS
from sllm_core.patterns import PatternTable

Floats = NDArray[np.float64]

LEVEL_WORDS = re.compile(r"(?i)\b(?:trace|debug|info|notice|warn(?:ing)?|err(?:or)?|severe|critical|fatal|alert)s?\b")
SEVERITY = {"WARN": "warning", "ERROR": "critical", "FATAL": "critical"}
WEIGHT = 3.0
"""What a label of a human counts beside a message of the corpus: the default of [plugins.classifier]."""

ROUNDS = 1000
"""How often patterns are drawn for an interval."""

KINDS = {
    "{} humming within band {}": "critical",
    "{}: gallop of {} observed": "warning",
    "heartbeat of {} skipped to {}": "critical",
    "tray {} reports colour {}": "warning",
    "{} took the long way to {}": "critical",
    "crashed {} as ordered by {}": "normal",
    "outage of {} rehearsed with {}": "normal",
    "rejected {} on purpose at {}": "normal",
}
"""Kinds of messages with a label that is not the shipped classifier's."""

FRONT = ("reactor", "valve", "pump", "turbine", "boiler", "conveyor", "sensor", "relay", "furnace", "gasket", "rotor")
BACK = ("spindle", "kiln", "crane", "feeder", "mixer", "press", "lathe", "chiller", "hopper", "burner", "shaft")


@dataclass(frozen=True)
class Labelled:
    """A pattern of a log, as the classifier sees it without its level, and its severity."""

    log: str
    text: str
    severity: str

    @property
    def half(self) -> int:
        """0 or 1, by the text alone."""
        return blake2b(self.text.encode(), digest_size=1).digest()[0] % 2


def labelled(path: Path) -> list[Labelled]:
    """The patterns of a log, once each; none if all of its levels tell the same."""
    records = read_records(path.name, path.read_bytes())
    table = PatternTable(accelerate=False)
    ids = table.resolve(table.assign(path.stem, records["message"])).tolist()
    levels: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for pattern, level in zip(ids, records["level"].to_pylist(), strict=True):
        levels[pattern][SEVERITY.get(level, "normal") if level else ""] += 1
    known = {each: count.most_common(1)[0][0] for each, count in levels.items()}
    shown = {LEVEL_WORDS.sub(" ", filled(table.template(each), table.example(each))): known[each] for each in known}
    found = [Labelled(path.stem, text, severity) for text, severity in shown.items() if severity]
    return found if len({each.severity == "normal" for each in found}) == 2 else []


def learnt(told: Sequence[Told]) -> Classifier:
    """The classifier trained anew on its corpus and on what was told."""
    weights, _ = retrain(told, (), lambda step: None)
    return Classifier(weights, Lexicon.load())


def problems(classifier: Classifier, patterns: Sequence[Labelled]) -> Floats:
    """The probability of a problem, (n,), without levels."""
    judged = classifier.judge([each.text for each in patterns], [None] * len(patterns))
    return np.asarray(judged.problem, np.float64)


@dataclass(frozen=True)
class Ranking:
    """What n patterns that were held out are: whether a problem, and what was said before and after."""

    truth: NDArray[np.bool_]
    before: Floats
    after: Floats

    def areas(self, rows: NDArray[np.int64] | slice = slice(None)) -> tuple[float, float]:
        """PR-AUC before and after, of some of the patterns."""
        from sklearn.metrics import average_precision_score

        truth = self.truth[rows]
        before, after = (average_precision_score(truth, each[rows]) for each in (self.before, self.after))
        return float(before), float(after)

    def interval(self) -> tuple[float, float]:
        """Within which the difference lies in 95 of 100 draws of the patterns."""
        random = np.random.default_rng(0)
        drawn = (self.areas(random.integers(0, len(self.truth), len(self.truth))) for _ in range(ROUNDS))
        low, high = np.quantile([after - before for before, after in drawn], (0.025, 0.975))
        return float(low), float(high)


@dataclass(frozen=True)
class Halves:
    """Classifiers that have each learnt one half of the patterns, and what they say of the other half."""

    patterns: Sequence[Labelled]
    taught: Sequence[Classifier]
    ranking: Ranking

    @classmethod
    def of(cls, patterns: Sequence[Labelled], shipped: Classifier) -> Halves:
        """Learn both halves, one after the other."""
        half = np.array([each.half for each in patterns])
        truth = np.array([each.severity != "normal" for each in patterns])
        taught = [learnt([_told(each) for each in patterns if each.half == number]) for number in (0, 1)]
        said = [problems(each, patterns) for each in taught]
        return cls(patterns, taught, Ranking(truth, problems(shipped, patterns), np.where(half == 0, said[1], said[0])))


def _told(pattern: Labelled) -> Told:
    return Told(pattern.text, None, None, pattern.severity, WEIGHT)


def corpus_differences(before: Classifier, after: Classifier) -> Iterator[tuple[str, float, float]]:
    """Macro-F1 on the corpus before and after, by task."""
    for task, names in LABELS.items():
        if task not in ("sentiment", "anomaly"):
            continue
        examples = corpus_examples(task)
        judged = [each.judge([e.text for e in examples], [e.level for e in examples]) for each in (before, after)]
        odds = [np.asarray(each.sentiment if task == "sentiment" else each.severity, np.float64) for each in judged]
        truth = np.array([names.index(each.label) for each in examples])
        figures = Pair(names, truth, odds[0], odds[1]).difference
        yield task, float(figures["incumbent"] or 0), float(figures["candidate"] or 0)


def of_kind(kind: str, count: int, begin: int = 0) -> list[str]:
    """Messages of one kind, each a pattern of its own."""
    pairs = [(front, back) for front in FRONT for back in BACK]
    return [kind.format(*pairs[(7 * place) % len(pairs)]) for place in range(begin, begin + count)]


@dataclass(frozen=True)
class Turned:
    """Of how many unseen messages of a kind the verdict was right before and after ten labels, of how many; seconds."""

    before: int
    after: int
    size: int
    seconds: float


def turned(kind: str, label: str, shipped: Classifier) -> Turned:
    """Teach ten messages of a kind and ask about twenty others."""
    begun = time.monotonic()
    taught = learnt([Told(text, None, None, label, WEIGHT) for text in of_kind(kind, 10)])
    unseen = of_kind(kind, 20, begin=10)
    right = [int((_severities(each, unseen) == label).sum()) for each in (shipped, taught)]
    return Turned(right[0], right[1], len(unseen), time.monotonic() - begun)


def _severities(classifier: Classifier, texts: Sequence[str]) -> NDArray[np.str_]:
    return classifier.judge(texts, [None] * len(texts)).severity_labels


def print_levels(folder: Path, shipped: Classifier) -> None:
    """The table of logs, and what the corpus lost."""
    patterns = [each for path in sorted(folder.glob("*.log")) for each in labelled(path)]
    halves = Halves.of(patterns, shipped)
    ranking = halves.ranking
    print(f"{'half of the patterns learnt':28}{'patterns':>9}{'problems':>9}{'before':>8}{'after':>8}{'':>8}")
    for log in dict.fromkeys(each.log for each in patterns):
        rows = np.flatnonzero([each.log == log for each in patterns])
        print_row(log, ranking.truth[rows], *ranking.areas(rows))
    low, high = ranking.interval()
    print_row("all", ranking.truth, *ranking.areas(), f"  ({low:+.3f} to {high:+.3f})")
    print("\nmacro-F1 on the corpus")
    for number, taught in enumerate(halves.taught, 1):
        for task, before, after in corpus_differences(shipped, taught):
            print(f"  half {number}, {task:12}{before:7.3f}{after:8.3f}{after - before:+8.3f}")


def print_row(name: str, truth: NDArray[np.bool_], before: float, after: float, more: str = "") -> None:
    """A row of the table of logs."""
    print(f"{name:28}{len(truth):>9}{int(truth.sum()):>9}{before:8.3f}{after:8.3f}{after - before:+8.3f}{more}")


def print_turned(shipped: Classifier) -> None:
    """What ten labels of a kind do to other messages of that kind."""
    print(f"\n{'ten labels of a kind':44}{'label':>9}{'before':>8}{'after':>8}{'seconds':>9}")
    for kind, label in KINDS.items():
        found = turned(kind, label, shipped)
        shares = f"{found.before:>5}/{found.size}{found.after:>5}/{found.size}"
        print(f"{kind.replace('{}', '<*>'):44}{label:>9}{shares}{found.seconds:>9.1f}", flush=True)


def main() -> None:
    """Print the tables for the folder of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, nargs="?", default=os.environ.get("SLLM_LOGHUB"))
    folder = parser.parse_args().folder
    if folder is None or not any(Path(folder).glob("*.log")):
        parser.error("no <Set>.log there: give the folder of the logs, or set SLLM_LOGHUB")
    shipped = Classifier.load()
    print_levels(Path(folder), shipped)
    print_turned(shipped)


if __name__ == "__main__":
    main()
