"""A question that somebody waits for: the model judges its patterns before all others."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from sllm_core.classifier import Verdicts
from sllm_core.components import Worded
from sllm_core.findings import Finding
from sllm_core.models import Gateway, ModelRefused, ModelUnavailable, NoAnswer
from sllm_core.records import LogBatch
from sllm_core.review.examiner import Examiner
from sllm_core.review.news import News
from sllm_core.review.queue import Queue

NOT_READY = "the language model has not stood its trial, so its verdicts do not count yet"
AWAY = "the language model is away"
LATE = "the language model had not answered when the deadline came"
SILENT = "the language model gave no valid answer"


class Consultation:
    """Waits for the verdicts of a model, without asking it twice for anything."""

    def __init__(self, gateway: Gateway, queue: Queue, verdicts: Verdicts, examiner: Examiner, news: News) -> None:
        self._gateway, self._queue, self._verdicts = gateway, queue, verdicts
        self._examiner, self._news = examiner, news

    async def judged(self, batch: LogBatch, patience: float) -> str:
        """Wait at most `patience` seconds until the model has judged the patterns of a batch.

        What it has not judged by then waits on, and is known when the same is asked again.

        Returns:
            Why it has not judged all of them; "" if it has.
        """
        if self._is_judged(batch):
            return ""
        if trouble := self._trouble():
            return trouble
        try:
            async with asyncio.timeout(patience):
                await self._queue.hurry(batch)
                await self._news.tell()
                await self._news.until(lambda: not self._queue.lacks(batch) or bool(self._trouble()))
        except TimeoutError:
            return LATE
        return self._trouble() or ("" if self._is_judged(batch) else SILENT)

    async def worded(self, analyzer: Worded, finding: Finding, patience: float) -> tuple[Finding, str]:
        """A finding, which is in no store, in the words of the model if it gives some within `patience` seconds; and
        why it has not, "" if it has or there is nothing to tell."""
        if finding.label == "normal":
            return finding, ""
        if trouble := self._away() or ("" if self._examiner.model else NOT_READY):
            return finding, trouble
        teller = replace(self._examiner.teller, worded={finding.analyzer: analyzer})
        try:
            async with asyncio.timeout(patience):
                return await teller.tell(finding) or finding, ""
        except TimeoutError:
            return finding, LATE
        except ModelUnavailable:
            return finding, AWAY
        except (NoAnswer, ModelRefused):
            return finding, SILENT

    def _away(self) -> str:
        return AWAY if self._gateway.state in ("open", "refused") else ""

    def _trouble(self) -> str:
        return self._away() or ("" if self._queue.judging else NOT_READY)

    def _is_judged(self, batch: LogBatch) -> bool:
        patterns = batch.patterns[0]
        judged = self._verdicts.judge(patterns, [None] * len(patterns))
        return bool((judged.by_model | self._verdicts.by_humans(patterns)).all())
