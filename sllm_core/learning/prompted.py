"""Answers of a language model, asked as it is asked in service."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from sllm_core.learning.asking import prompt_of
from sllm_core.learning.candidate import Answers
from sllm_core.learning.dataset import Example
from sllm_core.learning.statement import LABELS, SUMMARY
from sllm_core.models import (
    Calibration,
    Gateway,
    LanguageModel,
    Limits,
    ModelRefused,
    ModelUnavailable,
    NoAnswer,
    Prompt,
    Reply,
)
from sllm_core.models.verdict import Odds
from sllm_core.plugin import PluginError
from sllm_core.review.judging import Said, said
from sllm_core.safety import Preparation

Floats = NDArray[np.float64]

SURE = 0.5
"""A label of no more than this probability is no answer to go by: the model abstains."""


class ModelLost(PluginError):
    """The model could not be asked, or other weights answered meanwhile; nothing was measured."""

    exit_code = 1


@dataclass(frozen=True)
class Asked:
    """One call: whether it was answered validly, whether the answer leaves all labels open, and how long it took."""

    task: str
    valid: bool
    abstained: bool
    seconds: float


@runtime_checkable
class Prompted(Answers, Protocol):
    """Answers of a served language model; where it gave no valid one, the row of odds is NaN."""

    @property
    def asked(self) -> Sequence[Asked]:
        """All calls so far, in order."""
        ...

    async def texts(self, examples: Sequence[Example]) -> list[str | None]:
        """Summaries of the examples' windows; None where there was no valid answer."""
        ...

    @property
    def model(self) -> str:
        """The tag and the weights that answer."""
        ...


class ServedAnswers:
    """What a language model says of examples, asked about one at a time, by a gateway of its own that keeps nothing.

    Args:
        model: is closed by `close`, and by nobody else.
        prepare: makes texts ready; the control tokens of the model are added.
        clock: in seconds.
    """

    def __init__(
        self,
        model: LanguageModel,
        language: str,
        prepare: Preparation,
        limits: Limits | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._gateway = Gateway(model, replace(limits or Limits(), concurrency=1), None)
        self._language, self._prepare, self._clock = language, prepare, clock
        self._asked: list[Asked] = []
        self._said: dict[str, Said | None] = {}
        self._calibrations: dict[str, Calibration] = {}
        self._model = model.name

    @property
    def asked(self) -> Sequence[Asked]:
        """All calls so far, in order."""
        return tuple(self._asked)

    @property
    def model(self) -> str:
        """The tag and the weights that answer; before the first question the name of the model."""
        known = self._gateway.known
        return self._model if known is None else known.name

    @property
    def calibrations(self) -> dict[str, Any]:
        """What the odds are stretched by, for each task, as JSON values."""
        return {task: each.to_json() for task, each in self._calibrations.items()}

    async def odds(self, task: str, examples: Sequence[Example]) -> Floats:
        """Probabilities (n, labels), a row of NaN where there was no valid answer.

        Raises:
            ModelLost: it could not be asked.
        """
        found = [await self._judged(task, each) for each in examples]
        calibration = self._calibrations.get(task)
        rows = [_row(task, each, calibration) for each in found]
        return np.array(rows, np.float64).reshape(len(rows), len(LABELS[task]))

    async def texts(self, examples: Sequence[Example]) -> list[str | None]:
        """What it tells of windows, as it stands in the answer: figures are not checked.

        Raises:
            ModelLost: it could not be asked.
        """
        replies = [await self._reply(each) for each in examples]
        return [None if each is None else str(each.values[SUMMARY]) for each in replies]

    async def calibrate(self, examples: Sequence[Example]) -> None:
        """Fit, for each task, what makes its odds probabilities; on examples that it is not measured on.

        Raises:
            ModelLost: it could not be asked.
        """
        for task in dict.fromkeys(each.task for each in examples if each.task in LABELS):
            chosen = [each for each in examples if each.task == task]
            answers = [_odds(task, await self._judged(task, each)) for each in chosen]
            known = [(odds, each) for odds, each in zip(answers, chosen, strict=True) if odds is not None]
            if known:
                truths = [LABELS[task].index(each.label) for _, each in known]
                self._calibrations[task] = Calibration.fit([odds for odds, _ in known], truths)

    async def close(self) -> None:
        """Close the model."""
        await self._gateway.close()

    async def _judged(self, task: str, example: Example) -> Said | None:
        """What it says of both questions; the same question is asked once."""
        key = f"{example.level} {example.template or example.text} {example.shown} {example.key}"
        if key not in self._said:
            reply = await self._reply(replace(example, task=task))
            self._said[key] = None if reply is None else said(reply, 1)[0]
        return self._said[key]

    async def _reply(self, example: Example) -> Reply | None:
        before = self._gateway.known
        begun = self._clock()
        try:
            prompt = await self._prompt(example)
            begun = self._clock()
            reply = await self._gateway.ask(prompt)
        except (NoAnswer, ModelRefused, ValueError):
            self._asked.append(Asked(example.task, False, False, self._clock() - begun))
            return None
        except ModelUnavailable as error:
            raise ModelLost(
                f"{self.model} went away while it was measured: {error}; try again when it is there"
            ) from error
        if before is not None and reply.model != before.name:
            raise ModelLost(f"{before.name} was replaced by {reply.model} while it was measured; try again")
        self._asked.append(Asked(example.task, True, _is_open(example.task, reply), self._clock() - begun))
        return reply

    async def _prompt(self, example: Example) -> Prompt:
        identity = await self._gateway.identity()
        prepare = replace(self._prepare, special=(*self._prepare.special, *identity.special))
        return await asyncio.to_thread(prompt_of, example, self._language, prepare, identity.context)


def _is_open(task: str, reply: Reply) -> bool:
    """Whether no label has more than half of the odds."""
    odds = None if task == SUMMARY else _odds(task, said(reply, 1)[0])
    return odds is not None and max(odds) <= SURE


def _odds(task: str, answer: Said | None) -> Odds | None:
    if answer is None:
        return None
    return answer.sentiment_odds if task == "sentiment" else answer.severity_odds


def _row(task: str, answer: Said | None, calibration: Calibration | None) -> Sequence[float]:
    labels = LABELS[task]
    if answer is None:
        return [np.nan] * len(labels)
    odds = _odds(task, answer)
    if odds is None:
        label = answer.sentiment if task == "sentiment" else answer.severity
        return [float(each == label) for each in labels]
    return odds if calibration is None else calibration.apply(odds)
