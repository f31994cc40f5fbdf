"""Answers questions: analyzers of its own, which share patterns and verdicts with those of the streams."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

import orjson

from sllm_core.classifier import Verdicts
from sllm_core.components import Analyzer, Answering, Worded
from sllm_core.findings import Finding
from sllm_core.patterns import PatternTable
from sllm_core.records import LogBatch
from sllm_core.review.reviewer import Reviewer
from sllm_core.web.analysis.intake import Intake
from sllm_core.web.analysis.kept import LARGEST, KeptAnswers
from sllm_core.web.analysis.question import Question
from sllm_core.web.problems import busy

LARGE = 256 << 10
"""Bytes of a body from which on it is a large one: those have a lane of their own, so that small ones never wait for
them."""

MANY = 500
"""From so many records on, an answer is put together in a thread."""

Analyzers = Mapping[str, Analyzer]


@dataclass(frozen=True)
class Limits:
    """How many requests may be there at once, how many records one may have, and how many seconds an analyzer takes."""

    requests: int
    records: int
    seconds: float


class Lane:
    """Where questions wait for one another: what is read and analysed has a turn.

    More threads would only wait for one another. While one question is analysed, those that come are gathered and read
    together, which takes a fraction of the time. `name` is the shard that analyzers see; the window of a question is
    closed before that of the next is opened.
    """

    def __init__(self, name: str, patterns: PatternTable, zone: tzinfo, records: int) -> None:
        self.name, self.turn = name, asyncio.Lock()
        self.intake = Intake(patterns, zone, records, self.turn)


class Desk:
    """Answers what is asked about lines that a request brings.

    Args:
        analyzers: by language and name.
        reviewer: asks the model; None without one.
    """

    def __init__(
        self,
        analyzers: Mapping[str, Analyzers],
        patterns: PatternTable,
        verdicts: Verdicts,
        reviewer: Reviewer | None,
        zone: tzinfo,
        limits: Limits,
    ) -> None:
        self._analyzers, self._verdicts, self._reviewer = analyzers, verdicts, reviewer
        self._limits = limits
        self._lanes = [Lane(name, patterns, zone, limits.records) for name in ("small", "large")]
        self._kept = KeptAnswers(lambda: (verdicts.adopted, len(patterns)))
        self._present = 0

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
            return await self._answer(question)
        finally:
            self._present -= 1

    async def _answer(self, question: Question) -> bytes:
        since, until = self._kept.now(), time.monotonic() + question.deadline
        lane = self._lanes[len(question.payload) >= LARGE]
        records = await lane.intake.read(question.payload)
        batch = records.batch
        reason = await self._consulted(batch, until)
        told = await self._told(question, batch, lane, until)
        reason = "; ".join(dict.fromkeys(why for why in (reason, *(each.trouble for each in told)) if why))
        make = _Answer(question, batch, told, self._verdicts, reason, records.warnings).json
        answer = await asyncio.to_thread(make) if len(batch) > MANY else make()
        if not reason and all(isinstance(each.analyzer, Answering) for each in told):
            self._kept.keep(question, answer, since)
        return answer

    async def _consulted(self, batch: LogBatch, until: float) -> str:
        """Why a model has not judged the records, "" if it has or there is none."""
        if self._reviewer is None:
            return ""
        return await self._reviewer.consultation.judged(batch, until - time.monotonic())

    async def _told(self, question: Question, batch: LogBatch, lane: Lane, until: float) -> list[_Told]:
        chosen = [self._analyzers[question.language][name] for name in question.tasks]
        async with lane.turn:
            batch = replace(batch, shard=lane.name)
            found = [await self._analyzed(each, batch) for each in chosen]
        return await asyncio.gather(*(self._worded(each, until) for each in found))

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
        first, trouble = await self._reviewer.consultation.worded(told.analyzer, first, patience)
        return _Told(told.analyzer, (first, *others), trouble)


@dataclass(frozen=True)
class _Told:
    """What an analyzer found, None where it failed; `trouble` says what is not as it could be."""

    analyzer: Analyzer
    findings: Sequence[Finding] | None
    trouble: str = ""


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
        patterns = self.batch.patterns[0]
        by_model = self.verdicts.judge(patterns, [None] * len(patterns)).by_model
        tellers = [each.told_by for told in self.told for each in told.findings or () if each.told_by]
        method, author = self.verdicts.author(bool(by_model.all()))
        answer = {
            "records": len(self.batch),
            "language": self.question.language,
            "method": method,
            "model": author if method == "model" else next(iter(tellers), None),
            "degraded": bool(self.reason),
            "reason": self.reason,
            "warnings": self.warnings,
            "tasks": {each.analyzer.name: self._task(each) for each in self.told},
        }
        return orjson.dumps(answer, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY)

    def _task(self, told: _Told) -> Mapping[str, Any]:
        analyzer, findings = told.analyzer, told.findings
        if findings is None:
            return {"error": "the analyzer failed; the log of the service says why"}
        if not isinstance(analyzer, Answering):
            return {"findings": [each.to_json() for each in findings]}
        said = {"method": findings[0].method, "model": findings[0].model} if findings else {}
        teller = {"told_by": findings[0].told_by} if findings and findings[0].told_by else {}
        return {**analyzer.answer(self.batch, findings), **said, **teller}
