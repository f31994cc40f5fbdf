"""What the labels of an analyzer mean as answers to the two questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sllm_core.evaluation.labels import LABELS, QUESTIONS, Question, place_of


@dataclass(frozen=True)
class Meaning:
    """Which question an analyzer answers, and what its labels mean there.

    None: each label says itself which question it answers. `labels` has places in LABELS by label; those that are
    labels of the question mean themselves.
    """

    question: Question | None = None
    labels: Mapping[str, int] = field(default_factory=dict)

    def of(self, label: str) -> tuple[Question, int] | None:
        """The question that a label answers and its place there; None if it answers none."""
        if self.question and label in self.labels:
            return self.question, self.labels[label]
        for question in (self.question,) if self.question else QUESTIONS:
            place = place_of(question, label)
            if place is not None and place >= 0:
                return question, place
        return None


def parse_meaning(text: str) -> Meaning:
    """`severity`, or `severity:long=warning,short=normal`.

    Raises:
        ValueError: the question or a class is none; the message says so.
    """
    name, _, pairs = text.partition(":")
    question = next((each for each in QUESTIONS if each == name.strip()), None)
    if question is None:
        raise ValueError(f"{name!r} is no question; write {' or '.join(QUESTIONS)}")
    labels = dict(_pair(question, each) for each in pairs.split(",") if each.strip())
    return Meaning(question, labels)


def _pair(question: Question, text: str) -> tuple[str, int]:
    label, _, kind = text.rpartition("=")
    place = place_of(question, kind)
    if not label.strip() or place is None or place < 0:
        raise ValueError(f"{text!r} gives no label a class; write LABEL={'|'.join(LABELS[question])}")
    return label.strip(), place
