"""Which patterns a human is best asked about next: where two judges disagree, then what is doubtful and frequent."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sllm_core.classifier.judgement import NOBODY, Judgement
from sllm_core.classifier.verdicts import Verdicts
from sllm_core.grouping import distinct
from sllm_core.learning.human import question
from sllm_core.learning.statement import LABELS
from sllm_core.records import LEVELS, Window
from sllm_core.review.known import known_verdicts

if TYPE_CHECKING:
    from sllm_core.safety import Preparation
    from sllm_core.store import Store

DAYS = timedelta(days=7)
"""How long before the end of a source its levels are looked for."""

WINDOWS = 24
"""So many of the last windows of a source tell of levels."""

SHOWN = 300
"""How many characters of a message are shown."""

Ids = NDArray[np.uint64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Opinion:
    """What one judge calls a pattern, with its probability; None where it gave none."""

    by: str
    label: str
    probability: float | None


@dataclass(frozen=True)
class Subject:
    """A pattern that no human has labelled yet.

    `count` is how many records had it, in `sources`, mostly at the `level` ("": unknown). `verdict` is the one that
    holds now, `others` what else is thought of it; `doubt` is the probability that the verdict is wrong.
    """

    pattern: int
    template: str
    count: int
    sources: tuple[str, ...]
    level: str
    verdict: Opinion
    others: tuple[Opinion, ...]
    doubt: float

    @property
    def is_disputed(self) -> bool:
        """Whether two judges call it by different labels."""
        return any(each.label != self.verdict.label for each in self.others)

    @property
    def urgency(self) -> tuple[bool, float]:
        """The larger, the more is learnt from a label on it."""
        return self.is_disputed, self.doubt * float(np.log1p(self.count))


def next_to_label(store: Store, verdicts: Verdicts, task: str) -> list[Subject]:
    """The patterns of closed windows without a label of a human for the task, the most worth asking about first.

    Args:
        verdicts: those that hold now.

    Raises:
        StoreError: the store cannot be read.
    """
    seen = store.views.sightings()
    ids, place = distinct(seen.pattern)
    if not len(ids):
        return []
    counts = np.bincount(place, seen.count, len(ids)).astype(np.int64)
    names = _levels(store, ids)
    judged = verdicts.judge(ids, names)
    own = _alone(store, verdicts).judge(ids, names)
    said = _said_by_model(store, task)
    found = [
        Subject(
            int(ids[row]),
            store.patterns.template(int(ids[row])),
            int(counts[row]),
            tuple(sorted({seen.sources[each] for each in seen.source[place == row]})),
            names[row] or "",
            *_opinions(verdicts, judged, own, row, task, said.get(int(ids[row]))),
        )
        for row in np.flatnonzero(_author(judged, task) == NOBODY).tolist()
    ]
    return sorted(found, key=lambda each: (*each.urgency, -each.pattern), reverse=True)


def examples_of(store: Store, prepare: Preparation, subject: Subject, limit: int = 3) -> list[str]:
    """A few messages of a pattern, different ones, redacted, in one line each; the latest windows' first."""
    session = prepare.session()
    found = [text for each in subject.sources for _, _, text in store.views.examples(subject.pattern, each)]
    texts = [session.line(each, SHOWN) for each in found or [store.patterns.example(subject.pattern)]]
    return list(dict.fromkeys(texts))[:limit]


def _opinions(
    verdicts: Verdicts, judged: Judgement, own: Judgement, row: int, task: str, model: str | None
) -> tuple[Opinion, tuple[Opinion, ...], float]:
    """The verdict that holds, what else is thought, and how doubtful the verdict is."""
    odds, mine = _odds(judged, task)[row], _odds(own, task)[row]
    by_model, sure = bool(judged.by_model[row]), not bool(judged.unsure[row])
    author = verdicts.author(by_model)[1]
    verdict = Opinion(author, LABELS[task][int(odds.argmax())], float(odds.max()) if sure else None)
    classifier = Opinion(verdicts.version, LABELS[task][int(mine.argmax())], float(mine.max()))
    others = [classifier] if by_model else []
    if model is not None and not by_model:
        others.append(Opinion(str(verdicts.model or "model"), model, None))
    return verdict, tuple(others), 1 - float((odds if sure else mine).max())


def _odds(judgement: Judgement, task: str) -> NDArray[np.float32]:
    return judgement.sentiment if question(task) == "sentiment" else judgement.severity


def _author(judgement: Judgement, task: str) -> Ints:
    return judgement.sentiment_author if question(task) == "sentiment" else judgement.severity_author


def _alone(store: Store, verdicts: Verdicts) -> Verdicts:
    """What the classifier alone would say."""
    return Verdicts(lambda: verdicts.classifier, store.patterns)


def _said_by_model(store: Store, task: str) -> Mapping[int, str]:
    """The labels of the language model that judged last, whether its verdicts hold or not."""
    known = known_verdicts(store)
    columns = slice(0, 3) if question(task) == "sentiment" else slice(3, 6)
    places = known.odds[:, columns].argmax(axis=1)
    return {int(id): LABELS[task][int(each)] for id, each in zip(known.patterns, places, strict=True)}


def _levels(store: Store, ids: Ids) -> list[str | None]:
    """The most frequent level of each pattern in the last windows; None where it has none."""
    found: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for span in store.views.spans():
        for window in store.views.counted(span.source, span.end - DAYS, span.end, WINDOWS):
            for row in _summed(window):
                found[row["pattern"]][row["level"]] += row["count_sum"]
    counted = [found[each].most_common(1) for each in ids.tolist()]
    return [each[0][0] if each and each[0][0] in LEVELS else None for each in counted]


def _summed(window: Window) -> list[dict[str, Any]]:
    """How many records of each pattern and level there were."""
    columns = {name: window.counts[name] for name in ("pattern", "count")}
    table = pa.table({**columns, "level": window.counts["level"].cast(pa.string())})
    rows: list[dict[str, Any]] = table.group_by(["pattern", "level"]).aggregate([("count", "sum")]).to_pylist()
    return rows
