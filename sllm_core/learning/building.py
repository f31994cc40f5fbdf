"""Builds the dataset of what humans have labelled, and of what independent labellers agree on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from sllm_core.classifier.text import LIMIT, filled
from sllm_core.learning.agreement import agreements
from sllm_core.learning.artefacts import MODELS
from sllm_core.learning.capping import capped_patterns, capped_sources, distinct
from sllm_core.learning.dataset import PARTS, Dataset, Example, Part, Quarantined
from sllm_core.learning.parts import first_said, newest, part_of_text, parts_of
from sllm_core.learning.quarantine import Subject, sift
from sllm_core.learning.replay import earlier_examples, replayed
from sllm_core.learning.statement import LABELS, TASKS
from sllm_core.learning.telling import told_summaries
from sllm_core.prompts.judge import THRIFT
from sllm_core.safety import Preparation
from sllm_core.store.feedback import Labelled

if TYPE_CHECKING:
    from sllm_core.settings.sections import LearningSection
    from sllm_core.store import Store

SHOWN = THRIFT[0][1]
"""How many characters of a template or a message a language model is shown at most."""


@dataclass(frozen=True)
class Texts:
    """What is shown of a pattern, redacted and neutralised: to the classifier, and to a language model."""

    text: str
    template: str
    shown: tuple[str, ...]


@dataclass(frozen=True)
class Builder:
    """Builds datasets of one store; `prepare` makes texts ready as for prompts."""

    store: Store
    prepare: Preparation
    terms: LearningSection

    def build(self) -> Dataset:
        """The dataset of now; the same labels give the same examples and the same digest.

        Raises:
            StoreError: the store cannot be read.
        """
        said, history = self.store.feedback.labelled(), self.store.feedback.labelled(replaced=True)
        sifted = sift(said, history, self.terms.burst, self.terms.trusted)
        parts = self._parts(said, history)
        told, mistaken = told_summaries(self.store, self.prepare, self.terms)
        examples = [*distinct(self._examples(sifted.groups, parts)), *told]
        counted, surplus = capped_patterns(examples, self.terms.per_pattern)
        human, capped = capped_sources(counted, self.terms.per_source)
        agreed = self._agreed({each.pattern for each in said}, human) if self.terms.agreement else []
        aside = [*sifted.aside, *mistaken, *surplus, *capped]
        dataset = _dataset([*human, *agreed], aside, len(said))
        return replace(dataset, replay=self._replay(dataset, {self._key(each.pattern) for each in said}))

    def texts(self, pattern: int) -> Texts | None:
        """What is shown of a pattern; None where it is forgotten."""
        table = self.store.patterns
        try:
            template, example = table.template(pattern), table.example(pattern)
        except KeyError:
            return None
        session = self.prepare.session()
        text = session.line(filled(template, example), LIMIT)
        return Texts(text, session.line(template, SHOWN), (session.line(example, SHOWN),))

    def text(self, pattern: int) -> str | None:
        """What the classifier is shown of a pattern; None where it is forgotten."""
        texts = self.texts(pattern)
        return None if texts is None else texts.text

    def _parts(self, said: Sequence[Labelled], history: Sequence[Labelled]) -> dict[int, Part]:
        """The part of each pattern; what would be learnt or tried on and is among the newest is measured on instead."""
        parts, begun = parts_of(history), first_said(history)
        new = newest({each.pattern: begun[each.pattern] for each in said}, self.terms.time_slice)
        recent: Part = "recent"
        return {each: recent if each in new and part in ("train", "dev") else part for each, part in parts.items()}

    def _examples(self, groups: Mapping[Subject, Sequence[Labelled]], parts: Mapping[int, Part]) -> Iterator[Example]:
        for (task, pattern), said in groups.items():
            if (texts := self.texts(pattern)) is not None:
                yield Example(
                    task,
                    self._key(pattern),
                    texts.text,
                    said[-1].label,
                    parts[pattern],
                    by=tuple(sorted({each.feedback.by for each in said})),
                    source=next((each.source for each in said if each.source), ""),
                    level=next((each.level for each in reversed(said) if each.level), None),
                    count=len(said),
                    template=texts.template,
                    shown=texts.shown,
                )

    def _agreed(self, labelled: set[int], human: Sequence[Example]) -> list[Example]:
        """At most as many as humans labelled of the task, for training alone, and a tenth of them of one source.

        What a human has labelled for any task is left to humans, as is what would be measured on if one did.
        """
        found: list[Example] = []
        for task in LABELS:
            room = sum(each.task == task and each.part == "train" for each in human)
            known = {each.text for each in human}
            said = [each for each in agreements(self.store, task) if each.pattern not in labelled]
            new = [
                Example(
                    *(task, self._key(each.pattern), texts.text, each.label, "train", "agreement", each.by),
                    source=each.source,
                    template=texts.template,
                    shown=texts.shown,
                )
                for each in said
                if (texts := self.texts(each.pattern)) is not None and texts.text not in known
                if part_of_text(self.store.patterns.template(each.pattern)) == "train"
            ]
            found += capped_sources(distinct(new), max(1, room // 10))[0][:room]
        return found

    def _replay(self, dataset: Dataset, known: set[str]) -> tuple[Example, ...]:
        folder = self.store.folder
        earlier = () if folder is None else earlier_examples(self.store, folder / MODELS)
        return replayed(dataset.of_parts("train"), known, earlier, self.prepare, self.terms.replay)

    def _key(self, pattern: int) -> str:
        return f"{pattern:016x}"


def _dataset(examples: list[Example], aside: list[Quarantined], statements: int) -> Dataset:
    lines = [json.dumps(each.to_json(), ensure_ascii=False, sort_keys=True) for each in examples]
    digest = blake2b("\n".join(lines).encode(errors="surrogatepass"), digest_size=8).hexdigest()
    dataset = Dataset(tuple(examples), tuple(aside), digest)
    return replace(dataset, manifest=_manifest(dataset, statements))


def _manifest(dataset: Dataset, statements: int) -> dict[str, Any]:
    tasks: dict[str, Any] = {task: {part: {} for part in PARTS} for task in LABELS}
    counted = Counter((TASKS.index(each.task), each.part, _label(each)) for each in dataset.examples)
    for (task, part, label), count in sorted(counted.items()):
        tasks.setdefault(TASKS[task], {part: {} for part in PARTS})[part][label] = count
    return {
        "digest": dataset.digest,
        "statements": statements,
        "examples": len(dataset.examples),
        "tasks": tasks,
        "origins": dict(sorted(Counter(each.origin for each in dataset.examples).items())),
        "labellers": dict(sorted(Counter(by for each in dataset.examples for by in each.by).items())),
        "sources": dict(sorted(Counter(each.source for each in dataset.examples).items())),
        "quarantined": [vars(each) for each in dataset.quarantined],
    }


def _label(example: Example) -> str:
    return example.label if example.task in LABELS else "text"
