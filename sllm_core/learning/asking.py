"""From examples to what a language model is asked and should answer: the one way, for training and for measuring."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING

from sllm_core.classifier import Classifier
from sllm_core.learning.statement import SUMMARY
from sllm_core.models.language_model import Prompt
from sllm_core.prompts import PatternEntry, judge_prompt
from sllm_core.prompts.judge import judged_labels
from sllm_core.summaries.narration import Narration

if TYPE_CHECKING:
    from sllm_core.learning.dataset import Dataset, Example, Part
    from sllm_core.safety import Preparation

QUESTIONS = ("sentiment", "anomaly")
"""The tasks that one answer about a pattern answers, in the order of the answer."""

HUMAN, AGREED = 1.0, 1 / 3
"""What the loss on a label counts, by whom it is."""

COUNTS = (1, 4, 20, 90, 600, 5000)
"""Counts of records that patterns are shown with: what a pattern means does not follow from them."""


@dataclass(frozen=True)
class Row:
    """A question with the answer that should be written, a JSON text.

    `weights` are spans of characters of the answer, from and up to, with what their loss counts; elsewhere it counts
    nothing.
    """

    prompt: Prompt
    answer: str
    weights: tuple[tuple[int, int, float], ...]


@dataclass(frozen=True)
class Asking:
    """How examples are made questions: the language, what makes texts ready, and the context of the model in tokens."""

    language: str
    prepare: Preparation
    context: int
    shipped: Classifier = field(default_factory=Classifier.load)

    def judging(self, subjects: Sequence[Sequence[Example]]) -> Iterator[Row]:
        """The question about some patterns, of each of which there are some labels; several where one is too long."""
        try:
            prompt = judge_prompt([entry_of(each[0]) for each in subjects], self.language, self.prepare, self.context)
        except ValueError:
            half = len(subjects) // 2
            yield from (row for part in (subjects[:half], subjects[half:]) if half for row in self.judging(part))
            return
        yield self._row(prompt, subjects)

    def telling(self, example: Example) -> Row:
        """The question for a summary."""
        prompt = prompt_of(example, self.language, self.prepare, self.context)
        answer = _json({SUMMARY: example.label})
        return Row(prompt, answer, ((_place(answer, SUMMARY), len(answer) - 1, _weight(example)),))

    def _row(self, prompt: Prompt, subjects: Sequence[Sequence[Example]]) -> Row:
        labels, weighed = _labels(subjects, self.shipped)
        answer = _json(labels)
        spans = ((_place(answer, name), len(labels[name]) + 1, weight) for name, weight in weighed)
        return Row(prompt, answer, tuple((begin, begin + length, weight) for begin, length, weight in spans))


def entry_of(example: Example) -> PatternEntry:
    """What a model is shown of the pattern of an example."""
    pattern = int(example.key, 16) if example.key else 0
    count = COUNTS[pattern % len(COUNTS)] if example.key else 1
    return PatternEntry(pattern, example.template or example.text, example.shown, example.level, count=count)


def prompt_of(example: Example, language: str, prepare: Preparation, context: int) -> Prompt:
    """The question that an example answers, about it alone.

    Raises:
        ValueError: it does not fit into the context, or there are no facts to tell of.
    """
    if example.task != SUMMARY:
        return judge_prompt([entry_of(example)], language, prepare, context)
    told = narration_of(example)
    prompt = None if told is None else told.question(prepare)
    if prompt is None:
        raise ValueError(f"nothing is known of the window of the summary {example.key}")
    return prompt


def narration_of(example: Example) -> Narration | None:
    """What a summary is told of; None where it is not known."""
    known = example.window
    if not known:
        return None
    start, end = (datetime.fromisoformat(known[each]) for each in ("start", "end"))
    return Narration(known["facts"], known["language"], start, end)


def answer_of(examples: Sequence[Example]) -> str:
    """The JSON text to be written for patterns, in the order in which the examples name them, or for one summary.

    Where an example names only one of a pattern's two labels, the other is what the shipped classifier says.
    """
    if examples[0].task == SUMMARY:
        return _json({SUMMARY: examples[0].label})
    return _json(_labels(subjects_of(examples), Classifier.load())[0])


def subjects_of(examples: Iterable[Example]) -> list[list[Example]]:
    """The examples by what they are about, in the order in which that is named first."""
    found: dict[tuple[str, str], list[Example]] = {}
    for each in examples:
        found.setdefault((each.key, each.key or each.text), []).append(each)
    return list(found.values())


def rows(
    dataset: Dataset, language: str, prepare: Preparation, context: int, parts: Sequence[Part], group: int
) -> list[Row]:
    """All that is to be learnt of some parts of a dataset, in an order that follows from the examples.

    Questions are about up to `group` patterns, 1 to 16, as analyzers ask them: some about that many, some about fewer,
    some about one. What does not fit into `context` tokens is left out.
    """
    asking = Asking(language, prepare, context)
    examples = [*dataset.of_parts(*parts), *(dataset.replay if "train" in parts else ())]
    judged = sorted(subjects_of(each for each in examples if each.task in QUESTIONS), key=_order)
    told = [each for each in examples if each.task == SUMMARY and each.window.get("facts", {}).get("records")]
    found = [row for some in _grouped(judged, group) for row in asking.judging(some)]
    return [*found, *(asking.telling(each) for each in told)]


def _grouped(subjects: Sequence[list[Example]], group: int) -> Iterator[Sequence[list[Example]]]:
    """In groups of `group`, of half as many, and so on down to one, and again."""
    begin, size = 0, group
    while begin < len(subjects):
        yield subjects[begin : begin + size]
        begin, size = begin + size, size // 2 or group


def _order(subject: Sequence[Example]) -> bytes:
    text = f"{subject[0].key} {subject[0].text}"
    return blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest()


def _labels(
    subjects: Sequence[Sequence[Example]], shipped: Classifier
) -> tuple[dict[str, str], list[tuple[str, float]]]:
    """The labels by the properties of the answer, and what those count that somebody gave."""
    given = [{each.task: each for each in subject} for subject in subjects]
    judged = shipped.judge([each[0].text for each in subjects], [each[0].level for each in subjects])
    filled = zip(judged.sentiment_labels.tolist(), judged.severity_labels.tolist(), strict=True)
    known = [(said.get(task), label) for said, both in zip(given, filled, strict=True) for task, label in _pairs(both)]
    names = list(judged_labels(len(subjects)))
    labels = {name: said.label if said else label for name, (said, label) in zip(names, known, strict=True)}
    return labels, [(name, _weight(said)) for name, (said, _) in zip(names, known, strict=True) if said]


def _pairs(both: tuple[str, str]) -> Iterable[tuple[str, str]]:
    return zip(QUESTIONS, both, strict=True)


def _weight(example: Example) -> float:
    return HUMAN if example.origin == "human" else AGREED


def _place(answer: str, name: str) -> int:
    """Where the value of a property begins, behind its quotation mark."""
    head = f'"{name}": "'
    return answer.index(head) + len(head)


def _json(values: dict[str, str]) -> str:
    return json.dumps(values, ensure_ascii=False)
