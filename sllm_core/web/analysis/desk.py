"""Answers questions: analyzers of its own, which share patterns and verdicts with those of the streams."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import orjson

from sllm_core.classifier import NOBODY, Verdicts
from sllm_core.components import Analyzer, Answering, Worded
from sllm_core.findings import Finding, Method
from sllm_core.learning.statement import LABELS
from sllm_core.records import LogBatch
from sllm_core.review.reviewer import Reviewer
from sllm_core.web.analysis.kept import LARGEST, KeptAnswers
from sllm_core.web.analysis.lane import Lane, elsewhere
from sllm_core.web.analysis.question import Question
from sllm_core.web.problems import busy

LARGE = 256 << 10
"""Bytes of a body from which on it is a large one: those have a lane of their own, so that small ones never wait for
them."""


@dataclass(frozen=True)
class Limits:
    """How many requests may be there at once, how many records one may have, and how many seconds an analyzer takes."""

    requests: int
    records: int
    seconds: float


class Desk:
    """Answers what is asked about lines that a request brings.

    Args:
        lanes: for small questions, and for large ones.
        reviewer: asks the model; None without one.
        size: how many patterns there are.
    """

    def __init__(
        self,
        lanes: tuple[Lane, Lane],
        verdicts: Verdicts,
        reviewer: Reviewer | None,
        limits: Limits,
        size: Callable[[], int],
    ) -> None:
        self._lanes, self._verdicts, self._reviewer, self._limits = lanes, verdicts, reviewer, limits
        self._kept = KeptAnswers(lambda: (verdicts.adopted, size()))
        self._present = 0
        self._loop: asyncio.AbstractEventLoop | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """The lanes, while this lasts; the model is asked in the loop of now."""
        self._loop = asyncio.get_running_loop()
        async with AsyncExitStack() as stack:
            for each in self._lanes:
                await stack.enter_async_context(each.open())
            yield

    def known(self, question: Question) -> bytes | None:
        """The answer, if it was given before and still holds."""
        return self._kept.find(question) if len(question.payload) <= LARGEST else None

    async def answer(self, question: Question) -> bytes:
        """The answer as JSON.

        Raises:
            Problem: the lines cannot be read, or too many ask at once.
        """
        if self._present >= self._limits.requests:
            raise busy("too many requests are being answered; try again in a moment", 1)
        self._present += 1
        try:
            since, lane = self._kept.now(), self._lanes[len(question.payload) >= LARGE]
            answer, lasts = await lane.do(self._answer(question, lane))
        finally:
            self._present -= 1
        if lasts and len(question.payload) <= LARGEST:
            self._kept.keep(question, answer, since)
        return answer

    async def _answer(self, question: Question, lane: Lane) -> tuple[bytes, bool]:
        """The answer, and whether the same would be answered again; in the lane's loop."""
        until = time.monotonic() + question.deadline
        records = await lane.intake.read(question.payload)
        batch = replace(records.batch, shard=lane.name)
        reason = await self._consulted(batch, until)
        told = await self._told(question, batch, lane, until)
        reason = "; ".join(dict.fromkeys(why for why in (reason, *(each.trouble for each in told)) if why))
        answer = _Answer(question, batch, told, self._verdicts, reason, records.warnings).json()
        return answer, not reason and all(each.answering for each in told)

    async def _consulted(self, batch: LogBatch, until: float) -> str:
        """Why a model has not judged the records, "" if it has or there is none."""
        if self._reviewer is None:
            return ""
        return await elsewhere(self._reviewer.consultation.judged(batch, until - time.monotonic()), self._loop)

    async def _told(self, question: Question, batch: LogBatch, lane: Lane, until: float) -> list[_Told]:
        async with lane.turn:
            found = [await self._analyzed(each, batch) for each in lane.chosen(question.language, question.tasks)]
        return found if self._reviewer is None else await asyncio.gather(*(self._worded(each, until) for each in found))

    async def _analyzed(self, analyzer: Analyzer, batch: LogBatch) -> _Told:
        try:
            async with asyncio.timeout(self._limits.seconds):
                return _Told(analyzer, await analyzer.analyze(batch))
        except Exception:  # whatever an analyzer raises, the others are answered
            logging.getLogger("sllm.web").exception("analyzer failed", extra={"analyzer": analyzer.name})
            return _Told(analyzer, None, f"the analyzer {analyzer.name} failed")

    async def _worded(self, told: _Told, until: float) -> _Told:
        """What was told, the first of it in the words of a model where it gives some in time."""
        if not told.findings or not isinstance(told.analyzer, Worded) or self._reviewer is None:
            return told
        first, *others = told.findings
        patience = until - time.monotonic()
        asked = self._reviewer.consultation.worded(told.analyzer, first, patience)
        first, trouble = await elsewhere(asked, self._loop)
        return _Told(told.analyzer, (first, *others), trouble)


@dataclass(frozen=True)
class _Told:
    """What an analyzer found, None where it failed; `trouble` says what is not as it could be."""

    analyzer: Analyzer
    findings: Sequence[Finding] | None
    trouble: str = ""

    @cached_property
    def answering(self) -> Answering | None:
        """The analyzer, if it says itself what a request is answered."""
        return self.analyzer if isinstance(self.analyzer, Answering) else None


@dataclass(frozen=True)
class _Answer:
    """What an answer is made of."""

    question: Question
    batch: LogBatch
    told: Sequence[_Told]
    verdicts: Verdicts
    reason: str
    warnings: tuple[str, ...]

    def json(self) -> bytes:
        tellers = [each.told_by for told in self.told for each in told.findings or () if each.told_by]
        method, author = self._author()
        answer = {
            "records": len(self.batch),
            "language": self.question.language,
            "method": method,
            "model": next(iter(tellers), None) if method == "classifier" else author,
            "degraded": bool(self.reason),
            "reason": self.reason,
            "warnings": self.warnings,
            "tasks": {each.analyzer.name: self._task(each) for each in self.told},
        }
        return orjson.dumps(answer, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY)

    def _author(self) -> tuple[Method, str]:
        """Who judged all that decides: humans, a model with or without them, else the classifier."""
        patterns = self.batch.patterns[0]
        if not (len(patterns) and self.verdicts.reviewed):
            return self.verdicts.author(by_model=False)
        judged = self.verdicts.judge(patterns, [None] * len(patterns))
        labellers = judged.labeller[:, self._decisive]
        by_humans = (labellers != NOBODY).all(axis=1)
        if by_humans.all():
            names = dict.fromkeys(self.verdicts.labellers[each] for each in labellers.ravel().tolist())
            return "human", ", ".join(names)
        return self.verdicts.author(bool((judged.by_model | by_humans).all()))

    @property
    def _decisive(self) -> list[int]:
        """The places of the questions whose answers decide the tasks; of a task of another name all may."""
        tasks, names = list(LABELS), {each.analyzer.name for each in self.told}
        return [tasks.index(each) for each in tasks if each in names or names - set(tasks)]

    def _task(self, told: _Told) -> Mapping[str, Any]:
        analyzer, findings = told.answering, told.findings
        if findings is None:
            return {"error": "the analyzer failed; the log of the service says why"}
        if analyzer is None:
            return {"findings": [each.to_json() for each in findings]}
        said = {"method": findings[0].method, "model": findings[0].model} if findings else {}
        teller = {"told_by": findings[0].told_by} if findings and findings[0].told_by else {}
        return {**analyzer.answer(self.batch, findings), **said, **teller}
