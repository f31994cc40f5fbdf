"""What was known before, to be learnt again beside what is new: a model that only learns what is new forgets the rest.

Of three tasks learnt one after the other, a language model had lost most of the first after eighty steps, and nothing
of it with a fifth of replay (measured).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING

from sllm_core.classifier.corpus import read_corpus
from sllm_core.classifier.text import LIMIT
from sllm_core.learning.asking import QUESTIONS, subjects_of
from sllm_core.learning.capping import drawn
from sllm_core.learning.dataset import Example
from sllm_core.learning.dataset_files import DATA, read_examples
from sllm_core.learning.injected import injected
from sllm_core.learning.parts import part_of_text

if TYPE_CHECKING:
    from pathlib import Path

    from sllm_core.safety import Preparation
    from sllm_core.store import Store

Subject = Sequence[Example]

HELD = ("promoted", "retired")
"""States of versions that served."""

ORDERED = 4
"""Of so many messages of the corpus one bears an order."""


def replayed(
    learnt: Sequence[Example], known: Collection[str], earlier: Iterable[Example], prepare: Preparation, share: float
) -> tuple[Example, ...]:
    """So much of what was known before that it is this share of all that is learnt.

    Half comes from the examples of earlier versions, as far as there are so many, the rest from the corpus of the
    package; of both from each kind of label alike. Some of the latter bear an order that is not to be obeyed.

    Args:
        known: the keys of all that has a label now, of which nothing is replayed.
    """
    wanted = ceil(len(subjects_of(learnt)) * share / (1 - share))
    texts = {each.text for each in learnt}
    old = [each for each in earlier if each.part == "train" and each.key not in known and each.text not in texts]
    first = _spread(subjects_of(_trained(old)), wanted // 2)
    corpus = [each for each in subjects_of(learnable_corpus()) if each[0].text not in texts] if wanted else []
    rest = [injected(each) if _bears_order(each) else each for each in _spread(corpus, wanted - len(first))]
    return tuple(each for subject in (*first, *(_prepared(each, prepare) for each in rest)) for each in subject)


def earlier_examples(store: Store, models: Path) -> Iterator[Example]:
    """The examples that versions have learnt that served; `models` has the folders of versions."""
    rows = [each for each in store.versions.all() if each.state in HELD]
    digests = {str((each.record.get("lineage") or {}).get("data")) for each in rows}
    for digest in sorted(digests):
        yield from read_examples(models / f"{DATA}{digest}")


def learnable_corpus() -> list[Example]:
    """The messages of the package, as they are, that may be learnt from: what is in other parts is measured on."""
    return [
        Example(task, "", each.message, label, "train", by=("corpus",), level=each.level)
        for each in read_corpus()
        if part_of_text(each.message) == "train"
        for task, label in zip(QUESTIONS, (each.sentiment, each.severity), strict=True)
    ]


def _bears_order(subject: Subject) -> bool:
    return drawn(subject[0])[-1] % ORDERED == 0


def _prepared(subject: Subject, prepare: Preparation) -> Subject:
    text = prepare.session().line(subject[0].text, LIMIT)
    return [replace(each, text=text) for each in subject]


def _trained(examples: Iterable[Example]) -> list[Example]:
    """One of each text and task, those that humans labelled."""
    found = {(each.task, each.text): each for each in examples if each.origin == "human" and each.task in QUESTIONS}
    return [found[each] for each in sorted(found)]


def _spread(subjects: Iterable[Subject], count: int) -> list[Subject]:
    """So many of them, of each kind of labels in turn."""
    kinds: defaultdict[tuple[str, ...], list[Subject]] = defaultdict(list)
    for subject in subjects:
        kinds[tuple(f"{each.task} {each.label}" for each in subject)].append(subject)
    ranked = [
        (place, kind, subject)
        for kind, found in kinds.items()
        for place, subject in enumerate(sorted(found, key=lambda each: drawn(each[0])))
    ]
    return [subject for *_, subject in sorted(ranked, key=lambda each: each[:2])[: max(count, 0)]]
