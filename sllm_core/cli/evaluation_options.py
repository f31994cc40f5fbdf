"""What the options of `sllm eval` mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sllm_core.evaluation.meaning import Meaning
    from sllm_core.evaluation.results import Evaluation, Judged, Quality

OVERALL: Mapping[str, str] = MappingProxyType({"macro-f1": "macro_f1", "accuracy": "accuracy", "mcc": "mcc"})
OF_CLASS = ("precision", "recall", "f1")
FIGURES = (*OVERALL, "answered", "pr-auc")


@dataclass(frozen=True)
class Limit:
    """The least that a figure may be: of one question or of both, of one class or of all together."""

    figure: str
    least: float
    question: str | None = None
    label: str | None = None

    @property
    def name(self) -> str:
        """The figure as it was asked for."""
        return ".".join(each for each in (self.question, self.figure, self.label) if each)

    def missed(self, found: Evaluation) -> Iterator[str]:
        """Where the first judge is below; what was not measured, or is not defined, counts as below."""
        first = found.judges[0]
        values = dict(self._values(first))
        if not values:
            yield f"--fail-under {self.name}: {first.name} was not measured on that"
        for name, value in values.items():
            if value is None or value < self.least:
                told = "not defined" if value is None else f"{value:.4f}"
                yield f"--fail-under: {name} of {first.name} is {told}, below {self.least:g}"

    def _values(self, judged: Judged) -> Iterator[tuple[str, float | None]]:
        if self.figure == "pr-auc":
            if judged.problem:
                yield "pr-auc of problem", judged.problem.area.value
            return
        for question, quality in judged.questions.items():
            if self.question in (None, question):
                yield from ((f"{question} {name}", value) for name, value in self._of(quality))

    def _of(self, quality: Quality) -> Iterator[tuple[str, float | None]]:
        if self.figure == "answered":
            yield self.figure, quality.answered
        elif self.figure in OVERALL:
            yield self.figure, getattr(quality, OVERALL[self.figure]).value
        for each in quality.classes if self.figure in OF_CLASS else ():
            if self.label == each.label:
                yield f"{self.figure} of {each.label}", getattr(each, self.figure).value


def parse_limits(ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> tuple[Limit, ...]:
    """The limits in `macro-f1=0.7`, `severity.macro-f1=0.7` or `severity.recall.critical=0.8`.

    Raises:
        click.BadParameter: one is none; the message says which figures there are.
    """
    return tuple(map(_limit, value))


def _limit(text: str) -> Limit:
    name, _, number = text.partition("=")
    try:
        least = float(number)
    except ValueError:
        raise click.BadParameter(f"{text!r} has no number behind =; write macro-f1=0.7") from None
    limit = _named(name.strip().lower().split("."), least)
    if limit is None:
        classes = ", ".join(f"QUESTION.{each}.CLASS" for each in OF_CLASS)
        raise click.BadParameter(
            f"{name!r} is no figure; there are {', '.join(FIGURES)}, each also as QUESTION.FIGURE, and {classes}"
        )
    return limit


def _named(parts: list[str], least: float) -> Limit | None:
    from sllm_core.evaluation.labels import LABELS

    question = parts.pop(0) if parts[0] in LABELS else None
    if len(parts) == 1 and parts[0] in FIGURES and not (question and parts[0] == "pr-auc"):
        return Limit(parts[0], least, question)
    if len(parts) == 2 and parts[0] in OF_CLASS:
        asked = [each for each in LABELS if question in (None, each) and parts[1] in LABELS[each]]
        return Limit(parts[0], least, asked[0], parts[1]) if asked else None
    return None


def parse_columns(ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> dict[str, Meaning]:
    """What the labels of analyzers mean, by name, from `length=severity:long=warning`.

    Raises:
        click.BadParameter: one is not written so.
    """
    from sllm_core.evaluation.meaning import parse_meaning

    found = {}
    for text in value:
        name, sign, meaning = text.partition("=")
        try:
            found[name.strip()] = parse_meaning(meaning)
        except ValueError as error:
            hint = "" if sign else "; write NAME=severity or NAME=severity:LABEL=CLASS"
            raise click.BadParameter(f"{text!r}: {error}{hint}") from error
    return found


def parse_model(ctx: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, str] | None:
    """Plugin and model from `ollama:llama3`; the name of the model may have colons itself.

    Raises:
        click.BadParameter: it is not written so.
    """
    if value is None:
        return None
    plugin, _, model = value.partition(":")
    if not plugin.strip() or not model.strip():
        raise click.BadParameter(f"{value!r} names no plugin and model; write ollama:llama3 or openai:NAME")
    return plugin.strip(), model.strip()
