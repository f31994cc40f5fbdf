"""Builds the dataset of what humans have labelled, and of what independent labellers agree on."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from sllm_core.classifier.text import LIMIT, filled
from sllm_core.learning.agreement import agreements
from sllm_core.learning.dataset import PARTS, Dataset, Example, Quarantined, part_at
from sllm_core.learning.quarantine import Subject, flip_note, flips, flood_note, floods
from sllm_core.learning.statement import LABELS
from sllm_core.safety import Preparation
from sllm_core.store.feedback import Labelled

if TYPE_CHECKING:
    from sllm_core.settings.sections import LearningSection
    from sllm_core.store import Store


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
        said = self.store.feedback.labelled()
        flooded = floods(said, self.terms.burst, self.terms.trusted)
        kept = [each for each in said if each.feedback.id not in flooded]
        groups = _grouped(kept)
        flipped = flips(groups.items())
        aside = flood_note([each for each in said if each.feedback.id in flooded])
        aside += [flip_note(each, self._key(each[1]), groups[each]) for each in sorted(flipped)]
        examples = self._examples({each: groups[each] for each in groups if each not in flipped})
        human, capped = _capped(_distinct(examples), self.terms.per_source)
        agreed = self._agreed(groups, human) if self.terms.agreement else []
        return _dataset([*human, *agreed], [*aside, *capped], len(said))

    def _examples(self, groups: dict[Subject, list[Labelled]]) -> Iterator[Example]:
        for (task, pattern), said in sorted(groups.items()):
            if (text := self.text(pattern)) is not None:
                yield Example(
                    task,
                    self._key(pattern),
                    text,
                    said[-1].label,
                    PARTS[max(PARTS.index(part_at(each.part)) for each in said)],
                    by=tuple(sorted({each.feedback.by for each in said})),
                    source=next((each.source for each in said if each.source), ""),
                    level=next((each.level for each in reversed(said) if each.level), None),
                    count=len(said),
                )

    def text(self, pattern: int) -> str | None:
        """What the classifier is shown of a pattern, redacted and neutralised; None where it is forgotten."""
        table = self.store.patterns
        try:
            shown = filled(table.template(pattern), table.example(pattern))
        except KeyError:
            return None
        return self.prepare.session().line(shown, LIMIT)

    def _agreed(self, groups: dict[Subject, list[Labelled]], human: Sequence[Example]) -> list[Example]:
        """At most as many as humans labelled of the task, for training alone, and a tenth of them of one source."""
        found: list[Example] = []
        for task in LABELS:
            room = sum(each.task == task and each.part == "train" for each in human)
            known = {each.text for each in human if each.task == task}
            said = [each for each in agreements(self.store, task) if (task, each.pattern) not in groups]
            texts = ((each, self.text(each.pattern)) for each in said)
            new = [
                Example(task, self._key(each.pattern), text, each.label, "train", "agreement", each.by, each.source)
                for each, text in texts
                if text is not None and text not in known
            ]
            found += _capped(_distinct(new), max(1, room // 10))[0][:room]
        return found

    def _key(self, pattern: int) -> str:
        return f"{pattern:016x}"


def _grouped(said: Iterable[Labelled]) -> dict[Subject, list[Labelled]]:
    groups: defaultdict[Subject, list[Labelled]] = defaultdict(list)
    for each in said:
        groups[each.feedback.task, each.pattern].append(each)
    return dict(groups)


def _distinct(examples: Iterable[Example]) -> list[Example]:
    """One of each text and task: of several in different parts, that in the part that is furthest from training."""
    found: dict[tuple[str, str], Example] = {}
    for each in examples:
        before = found.get((each.task, each.text))
        if before is None or PARTS.index(each.part) > PARTS.index(before.part):
            found[each.task, each.text] = each
    return list(found.values())


def _capped(examples: Iterable[Example], cap: int) -> tuple[list[Example], list[Quarantined]]:
    """At most so many of each task and source, chosen by their texts, and what was left out."""
    groups: defaultdict[tuple[str, str], list[Example]] = defaultdict(list)
    for each in examples:
        groups[each.task, each.source].append(each)
    kept: list[Example] = []
    aside: list[Quarantined] = []
    for (task, source), found in sorted(groups.items()):
        found.sort(key=lambda each: blake2b(each.text.encode(errors="surrogatepass"), digest_size=8).digest())
        kept += found[:cap]
        if left := len(found) - cap if len(found) > cap else 0:
            aside.append(Quarantined("cap", task, source, "more than [learning] per_source of one source", left))
    return sorted(kept, key=lambda each: (each.task, each.key)), aside


def _dataset(examples: list[Example], aside: list[Quarantined], statements: int) -> Dataset:
    lines = [json.dumps(each.to_json(), ensure_ascii=False, sort_keys=True) for each in examples]
    digest = blake2b("\n".join(lines).encode(errors="surrogatepass"), digest_size=8).hexdigest()
    dataset = Dataset(tuple(examples), tuple(aside), digest)
    return replace(dataset, manifest=_manifest(dataset, statements))


def _manifest(dataset: Dataset, statements: int) -> dict[str, Any]:
    counted = Counter((each.task, each.part, each.label) for each in dataset.examples)
    tasks: dict[str, Any] = {task: {part: {} for part in PARTS} for task in LABELS}
    for (task, part, label), count in sorted(counted.items()):
        tasks[task][part][label] = count
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
