"""Asking a model about patterns, and what its answers are worth."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from sllm_core.models import Calibration, Gateway, Identity, ModelRefused, NoAnswer, Prompt, Reply, label_probabilities
from sllm_core.models.verdict import ModelVerdict, Odds
from sllm_core.patterns import PatternTable
from sllm_core.prompts import PatternEntry, judge_prompt, load_template, read_judgement
from sllm_core.prompts.judge import judged_labels
from sllm_core.review.backlog import Waiting
from sllm_core.safety import Preparation

JUDGE = "judge"


@dataclass(frozen=True)
class Said:
    """What a model said of one pattern, and what its log-probabilities say of the labels; None where it gave none."""

    sentiment: str
    severity: str
    sentiment_odds: Odds | None = None
    severity_odds: Odds | None = None


@dataclass(frozen=True)
class Calibrations:
    """What makes a model's odds probabilities, for each of the two questions; None: not known."""

    sentiment: Calibration | None = None
    severity: Calibration | None = None

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        return {name: each and each.to_json() for name, each in vars(self).items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The calibrations that `to_json` wrote."""
        return cls(**{name: each and Calibration.from_json(each) for name, each in data.items()})

    def verdict(self, pattern: int, said: Said) -> ModelVerdict:
        """The labels, with probabilities where both questions have them."""
        sentiment, severity = _applied(self.sentiment, said.sentiment_odds), _applied(self.severity, said.severity_odds)
        known = sentiment is not None and severity is not None
        return ModelVerdict(pattern, said.sentiment, said.severity, *((sentiment, severity) if known else ()))


@dataclass(frozen=True)
class Judge:
    """Asks what patterns tell, in one language; the question and the answer have room in `context` tokens."""

    gateway: Gateway
    prepare: Preparation
    language: str
    context: int
    calibrations: Calibrations = field(default_factory=Calibrations)

    async def ask(self, entries: Sequence[PatternEntry], priority: float = 0.0) -> list[Said]:
        """What the model says of each of the patterns.

        Raises:
            NoAnswer: it gave no valid answer, or the question does not fit into its context.
            ModelUnavailable, ModelRefused: it could not be asked.
        """
        prompt = await asyncio.to_thread(self._prompt, entries)
        return said(await self.gateway.ask(prompt, priority=priority), len(entries))

    def _prompt(self, entries: Sequence[PatternEntry]) -> Prompt:
        try:
            return judge_prompt(entries, self.language, self.prepare, self.context)
        except ValueError as error:
            raise NoAnswer(str(error)) from error


def judge_version(identity: Identity, language: str) -> str:
    """What verdicts are kept under: the weights and the question that they answer."""
    template = load_template("sllm_core", JUDGE, language)
    return f"{identity.name} {JUDGE}-{template.version}.{template.language}"


def said(reply: Reply, count: int) -> list[Said]:
    """What an answer about `count` patterns says."""
    odds = {name: _odds(reply, name, labels) for name, labels in judged_labels(count).items()}
    return [
        Said(*labels, odds[f"{place}_sentiment"], odds[f"{place}_severity"])
        for place, labels in enumerate(read_judgement(reply.values, count), 1)
    ]


def entry(item: Waiting, patterns: PatternTable) -> PatternEntry:
    """What a model is shown of a pattern that waits."""
    examples = dict.fromkeys([patterns.example(item.pattern), *item.examples])
    template = patterns.template(item.pattern)
    return PatternEntry(item.pattern, template, tuple(examples), item.level, item.service, item.count, item.per_hour)


def refused(items: Sequence[Waiting]) -> list[ModelVerdict]:
    """That the model was asked about patterns in vain."""
    return [ModelVerdict(each.pattern) for each in items]


def alone(items: Sequence[Waiting]) -> list[Waiting]:
    """The same patterns, to be asked about one by one."""
    return [replace(each, alone=True) for each in items]


def _odds(reply: Reply, name: str, labels: tuple[str, ...]) -> Odds | None:
    if reply.tokens is None:
        return None
    found = label_probabilities(reply.text, reply.tokens, name, labels)
    if found is None:
        return None
    first, second, third = found
    return first, second, third


def _applied(calibration: Calibration | None, odds: Odds | None) -> Odds | None:
    if calibration is None or odds is None:
        return None
    first, second, third = calibration.apply(odds)
    return first, second, third


def log_mistake(error: Exception, what: str) -> None:
    """Tell of what is no answer of a model but a mistake in a plugin."""
    if not isinstance(error, NoAnswer | ModelRefused):
        logging.getLogger("sllm.review").error(what, exc_info=error)
