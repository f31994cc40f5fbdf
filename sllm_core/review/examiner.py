"""Who answers: the model's name, what it said before, and whether its judgement is good enough."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sllm_core.components import Analyzer, Worded
from sllm_core.findings import Finding
from sllm_core.models import Gateway, Identity, ModelRefused, ModelUnavailable
from sllm_core.models.adaptable import Gated
from sllm_core.models.verdict import ModelVerdict
from sllm_core.patterns import PatternTable
from sllm_core.review.backlog import Waiting
from sllm_core.review.judging import Judge, entry, judge_version
from sllm_core.review.known import LATEST, TRIAL, known_calibrations
from sllm_core.review.telling import Teller
from sllm_core.review.trial import Trial, hold_trial
from sllm_core.safety import Preparation
from sllm_core.safety.preparation import Redactor
from sllm_core.store import Store


@dataclass(frozen=True)
class Terms:
    """On what terms the model is asked.

    `patterns` is how many are judged in a call; `texts` how many findings of an analyzer may wait for words; `revise`
    how long ago windows may have been stored whose findings change; `trial` whether a model must show first that it
    judges no worse than the classifier, unless it was measured before it was promoted.
    """

    redactor: Redactor
    language: str = "en"
    patterns: int = 8
    texts: int = 8
    revise: timedelta = timedelta(days=7)
    trial: bool = True


class Examiner:
    """Asks one model, once it is known which weights answer.

    `worded` are the analyzers that have a model word their findings, by name; `version` names the weights and the
    question, and hence what its verdicts are kept under.

    Args:
        memory: keeps what is known of the model from one run to the next.
    """

    def __init__(
        self, gateway: Gateway, patterns: PatternTable, memory: Store, analyzers: Sequence[Analyzer], terms: Terms
    ) -> None:
        self._gateway, self._patterns, self._memory, self._terms = gateway, patterns, memory, terms
        self.worded: Mapping[str, Worded] = {each.name: each for each in analyzers if isinstance(each, Worded)}
        prepare = Preparation(terms.redactor, (), memory.secret())
        self._judge = Judge(gateway, prepare, terms.language, Identity("").context)
        self._teller = Teller(gateway, prepare, self.worded, "")
        self.model = self.version = ""

    def remembered(self) -> str:
        """The version that judged when the model was last there; "" if none did."""
        return str(self._memory.recall(LATEST) or "")

    async def meet(self) -> str | None:
        """Find out who answers, and whether its verdicts may be used; why not, if they may not.

        Raises:
            ModelUnavailable, ModelRefused: it cannot be asked.
        """
        identity = await self._gateway.identity()
        self.model, self.version = identity.name, judge_version(identity, self._terms.language)
        prepare = replace(self._judge.prepare, special=identity.special)
        self._judge = replace(self._judge, prepare=prepare, context=identity.context)
        self._teller = replace(self._teller, prepare=prepare, model=identity.name)
        trial = await self._trial() if self._terms.trial and not self._is_gated else None
        refusal = trial.refusal(self.model) if trial else None
        calibrations = await asyncio.to_thread(known_calibrations, self._memory, self.version)
        self._judge = replace(self._judge, calibrations=calibrations)
        await asyncio.to_thread(self._memory.remember, LATEST, "" if refusal else self.version)
        return refusal

    async def is_replaced(self) -> bool:
        """Whether other weights answer than those that were met."""
        try:
            return (await self._gateway.identity()).name != self.model
        except (ModelUnavailable, ModelRefused):
            return False

    async def judge(self, items: Sequence[Waiting]) -> list[ModelVerdict]:
        """The verdicts on patterns.

        Raises:
            NoAnswer: it gave no valid answer.
            ModelUnavailable, ModelRefused: it could not be asked, or other weights may have answered.
        """
        entries = await asyncio.to_thread(lambda: [entry(each, self._patterns) for each in items])
        answers = await self._judge.ask(entries, max(each.priority for each in items))
        if await self.is_replaced():
            raise ModelUnavailable(f"{self.model} was replaced; the other weights are asked instead")
        verdict = self._judge.calibrations.verdict
        return [verdict(item.pattern, said) for item, said in zip(items, answers, strict=True)]

    async def tell(self, finding: Finding) -> Finding | None:
        """The finding in the model's words; see `Teller.tell`."""
        return await self._teller.tell(finding)

    @property
    def teller(self) -> Teller:
        """What asks for words."""
        return self._teller

    @property
    def _is_gated(self) -> bool:
        """Whether the model was measured already, beside the one that it took the place of."""
        serving = self._gateway.serving
        return isinstance(serving, Gated) and serving.gated

    async def _trial(self) -> Trial:
        """The trial of these weights, held once."""
        name = f"{TRIAL} {self.version}"
        known: Any = await asyncio.to_thread(self._memory.recall, name)
        if known is not None:
            return Trial.from_json(known)
        trial = await hold_trial(self._judge)
        await asyncio.to_thread(self._memory.remember, name, trial.to_json())
        return trial
