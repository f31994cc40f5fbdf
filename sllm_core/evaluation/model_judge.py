"""A language model as a judge, asked as everywhere: a few patterns in each call, one verdict for each."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Self

import numpy as np

from sllm_core.classifier.judgement import SENTIMENTS, SEVERITIES
from sllm_core.evaluation.calibrating import calibrated
from sllm_core.evaluation.data import Row
from sllm_core.evaluation.judge import Advance, Answer, Costs, Prediction, numbered
from sllm_core.models import Gateway, ModelRefused, ModelUnavailable, NoAnswer
from sllm_core.patterns import PatternTable
from sllm_core.plugin import PluginError
from sllm_core.prompts import PatternEntry
from sllm_core.records import LEVELS
from sllm_core.review.backlog import Waiting
from sllm_core.review.examiner import Terms
from sllm_core.review.judging import Calibrations, Said, entry, judge_version
from sllm_core.review.judging import Judge as Asking
from sllm_core.review.known import CALIBRATION, known_calibrations
from sllm_core.safety import Preparation
from sllm_core.store import Store

NAME = "model"
EXAMPLES = 3
"""How many messages of a pattern a model is shown at most besides its first."""


class ModelJudge:
    """What a model says, from the log-probabilities of the labels where the server gives them.

    What a call about several patterns does not answer validly is asked again one by one; a pattern that is not
    answered even so has no answer here. `version` names the weights and the question.
    """

    name = NAME

    def __init__(self, asking: Asking, version: str, patterns: PatternTable, together: int = 8) -> None:
        self.version = version
        self._asking, self._patterns, self._together = asking, patterns, together
        self._failures = 0
        self._trouble = ""

    @classmethod
    async def meet(cls, gateway: Gateway, patterns: PatternTable, memory: Store, terms: Terms) -> Self:
        """The judge for the model that answers now, with what the memory knows of its calibration.

        It stands no trial first: this is one.

        Raises:
            PluginError: it cannot be asked.
        """
        try:
            identity = await gateway.identity()
        except (ModelUnavailable, ModelRefused) as error:
            raise PluginError(f"the model cannot be asked: {error}") from error
        version = judge_version(identity, terms.language)
        prepare = Preparation(terms.redactor, identity.special, memory.secret())
        calibrations = known_calibrations(memory, version)
        asking = Asking(gateway, prepare, terms.language, identity.context, calibrations)
        return cls(asking, version, patterns, terms.patterns)

    @staticmethod
    def keep(memory: Store, version: str, calibrations: Calibrations) -> None:
        """Let confidences of that version be made probabilities by these from now on."""
        memory.remember(f"{CALIBRATION} {version}", calibrations.to_json())

    @property
    def calibrations(self) -> Calibrations:
        """Those that make its odds probabilities; where one is None, odds count as they are."""
        return self._asking.calibrations

    @property
    def costs(self) -> Costs:
        counts = self._asking.gateway.counts
        return Costs(
            counts.calls, counts.hits, counts.prompt_tokens, counts.answer_tokens,
            counts.seconds, counts.median, counts.slow, self._failures,
        )  # fmt: skip

    async def judge(self, rows: Sequence[Row], advance: Advance) -> list[Prediction]:
        kinds, firsts = numbered([each.pattern for each in rows])
        entries = _entries(rows, np.array(kinds, np.int64), [rows[first].pattern for first in firsts], self._patterns)
        found: list[Prediction] = [Prediction()] * len(entries)
        done = 0

        async def ask(start: int) -> None:
            nonlocal done
            part = entries[start : start + self._together]
            found[start : start + len(part)] = await self._predictions(part)
            done += len(part)
            advance(done, len(entries))

        async with asyncio.TaskGroup() as tasks:
            for start in range(0, len(entries), self._together):
                tasks.create_task(ask(start))
        self._failures = sum(each.severity is None for each in found)
        if self._failures == len(found):
            raise PluginError(f"the model answered nothing: {self._trouble}")
        return [found[kind] for kind in kinds]

    async def _predictions(self, entries: Sequence[PatternEntry]) -> list[Prediction]:
        try:
            said = await self._asking.ask(entries)
        except (NoAnswer, ModelRefused) as error:
            self._trouble = str(error)
            if len(entries) > 1:
                return [found for each in entries for found in await self._predictions([each])]
            return [Prediction()]
        except ModelUnavailable as error:
            self._trouble = str(error)
            return [Prediction()] * len(entries)
        return [self._prediction(each) for each in said]

    def _prediction(self, said: Said) -> Prediction:
        sentiment = Answer(SENTIMENTS.index(said.sentiment), odds=said.sentiment_odds)
        severity = Answer(SEVERITIES.index(said.severity), odds=said.severity_odds)
        return calibrated(Prediction(sentiment, severity), self.calibrations)


def _entries(
    rows: Sequence[Row], kinds: np.ndarray[tuple[int], np.dtype[np.int64]], patterns: Sequence[int], table: PatternTable
) -> list[PatternEntry]:
    """What the model is shown of each pattern: its worst level, and its first, middle and last message."""
    order = np.argsort(kinds, kind="stable")
    places = np.split(order, np.cumsum(np.bincount(kinds))[:-1])
    return [
        entry(_waiting(pattern, [rows[each] for each in own.tolist()]), table)
        for pattern, own in zip(patterns, places, strict=True)
    ]


def _waiting(pattern: int, rows: Sequence[Row]) -> Waiting:
    levels = [each.level for each in rows if each.level is not None]
    chosen = np.unique(np.linspace(0, len(rows) - 1, EXAMPLES).astype(np.int64)).tolist()
    examples = dict.fromkeys(rows[each].message for each in chosen)
    return Waiting(pattern, max(levels, key=LEVELS.index, default=None), count=len(rows), examples=tuple(examples))
