"""Asks a language model what the classifier judged already, beside the ingest, and brings what it says everywhere."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sllm_core.classifier import ModelVerdicts, Verdicts
from sllm_core.components import Analyzer
from sllm_core.findings import Finding
from sllm_core.models import Gateway, ModelRefused, ModelUnavailable, NoAnswer, Prompt
from sllm_core.models.verdict import ModelVerdict
from sllm_core.records import LogBatch, Window
from sllm_core.review.backlog import Waiting
from sllm_core.review.consulting import Consultation
from sllm_core.review.examiner import Examiner, Terms
from sllm_core.review.judging import alone, log_mistake, refused
from sllm_core.review.news import News
from sllm_core.review.outcome import Outcome
from sllm_core.review.queue import TELL, Queue
from sllm_core.review.revision import Reviser
from sllm_core.review.telling import Unworded
from sllm_core.safety import Preparation
from sllm_core.store import Commit, Pending, Store

GRACE = 10.0
PAUSE, SHARE = 5.0, 20
"""How many seconds lie between two revisions at least, and how many times as long as the last took."""


class Reviewer:
    """The second look at everything in one store; nothing that is read ever waits for it.

    `note` and `closed` tell it what was read, `run` works until it is cancelled, `finish` waits for what is left;
    `consultation` is for those who wait for verdicts, `reviser` for others who have better ones.

    Args:
        write: writes what the store has to every sink.
        failed: is told the name of an analyzer that raised.
        memory: keeps what is known of the model itself; `store` if None.
        grace: how many seconds go by before the model is asked, unless `finish` comes first; it is costly to load.
    """

    def __init__(
        self,
        gateway: Gateway,
        store: Store,
        verdicts: Verdicts,
        analyzers: Sequence[Analyzer],
        terms: Terms,
        write: Callable[[], Awaitable[None]],
        failed: Callable[[str], None],
        *,
        memory: Store | None = None,
        grace: float = GRACE,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._gateway, self._store, self._verdicts = gateway, store, verdicts
        self._revise_back, self._write, self._monotonic = terms.revise, write, monotonic
        self._examiner = Examiner(gateway, store.patterns, memory or store, analyzers, terms)
        self._queue = Queue(store, verdicts, terms.patterns, terms.texts, self._examiner.worded)
        self.reviser = Reviser(store, analyzers, failed)
        self._due = monotonic()
        self._busy = 0
        self._met = False
        self._grace, self._finishing = grace, asyncio.Event()
        self._news, self._meeting = News(), asyncio.Lock()
        self.consultation = Consultation(gateway, self._queue, verdicts, self._examiner, self._news)
        self._outcome = Outcome()

    async def note(self, batch: LogBatch) -> None:
        """Let patterns wait that a batch is the first to have; it has core's columns."""
        if len(batch) and await self._queue.note(batch):
            await self._news.tell()

    async def closed(self, windows: Iterable[Window], findings: Iterable[Finding]) -> list[Pending]:
        """Windows have closed with these findings: what is to be stored together with them."""
        pending = self._queue.closed(windows, findings)
        await self._news.tell()
        return pending

    def mark(self) -> int:
        """How many patterns were judged so far."""
        return len(self._queue.judged)

    async def stored(self, windows: Iterable[Window], mark: int) -> None:
        """Windows are stored; what was judged since the mark is not in their findings."""
        if self._queue.stored(windows, mark):
            await self._news.tell()
        if self._queue.forgets:
            await asyncio.to_thread(self._queue.forget)

    async def run(self) -> None:
        """Work until cancelled.

        Raises:
            StoreError: the store refused; other exceptions are those of a sink.
        """
        try:
            await asyncio.to_thread(self._queue.restore)
            await self._adopt(self._examiner.remembered())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._finishing.wait(), self._grace)
            await self._begin()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._revise_when_due())
                for _ in range(self._gateway.concurrency):
                    tasks.create_task(self._work())
        finally:
            await self._gateway.close()

    async def finish(self, patience: float) -> None:
        """Wait until nothing is left, but at most `patience` seconds, and never for a model that is away."""
        self._finishing.set()
        try:
            async with asyncio.timeout(patience):
                await self._news.until(lambda: self._met or bool(self._outcome.problem))
                if not self._met:
                    return
                await self._news.until(lambda: self._is_judged and not self._busy)
                await self._until_revised()
                await self._news.until(lambda: not len(self._queue.untold) and not self._busy)
        except TimeoutError:
            logging.getLogger("sllm.review").info("questions are left for the next run")
        await self._until_revised()

    async def tell(self, ids: Iterable[str]) -> None:
        """Ask for words for these findings, whatever else waits."""
        await asyncio.gather(*(self._guarded(self._tell(each)) for each in ids))

    async def say(
        self, question: Callable[[Preparation], Prompt | None], mistake: Callable[[Mapping[str, Any]], str | None]
    ) -> Mapping[str, Any] | None:
        """What the model answers to a question of the caller's; None where it gave no answer without a mistake."""
        try:
            return await self._examiner.teller.ask(question, mistake)
        except (NoAnswer, ModelRefused):
            self._count(untold=1)
        except ModelUnavailable as error:
            await self._trouble(error)
        return None

    @property
    def reached(self) -> bool:
        """Whether the model has ever answered in this run."""
        return self._met

    @property
    def progress(self) -> tuple[int, int]:
        """How many patterns have been asked about, and how many there are."""
        done = self._outcome.judged + self._outcome.unanswered
        return done, done + self._queue.patterns

    @property
    def outcome(self) -> Outcome:
        """How it went so far."""
        counts = self._gateway.counts
        return replace(
            self._outcome,
            model=self._examiner.model,
            waiting=self._queue.patterns,
            judging=self._queue.judging,
            calls=counts.calls,
            cached=counts.hits,
            prompt_tokens=counts.prompt_tokens,
            answer_tokens=counts.answer_tokens,
            seconds=counts.seconds,
        )

    async def _begin(self) -> None:
        """Find out who answers, and let what it said before hold."""
        while True:
            try:
                refusal = await self._examiner.meet()
                break
            except (ModelUnavailable, ModelRefused) as error:
                await self._trouble(error)
                await self._gateway.ready()
            except Exception as error:
                log_mistake(error, "model failed")
                await self._trouble(error)
                await asyncio.Event().wait()  # a mistake of the plugin's, of which no second try would make less
        self._outcome, self._met = replace(self._outcome, problem=refusal or ""), True
        self._queue.judging = refusal is None
        said = await self._adopt(self._examiner.version if self._queue.judging else "")
        await asyncio.to_thread(self._queue.settle_only, [each.pattern for each in said])
        await self._news.tell()

    async def _adopt(self, version: str) -> Sequence[ModelVerdict]:
        """Let what a version of the model said hold."""
        said = await asyncio.to_thread(self._store.model_verdicts, version) if version else []
        self._verdicts.adopt(ModelVerdicts.of(version, said))
        return said

    async def _work(self) -> None:
        while True:
            await self._news.until(self._queue.has_next)
            await self._gateway.ready()
            async with self._meeting:
                if await self._examiner.is_replaced():
                    await self._begin()
            await self._queue.weigh()
            job = self._queue.next()
            if job is None:
                await self._news.tell()
            else:
                await self._guarded(self._judge(job) if isinstance(job, list) else self._tell_next(job))

    async def _guarded(self, job: Coroutine[Any, Any, None]) -> None:
        """One question; what keeps the model from answering is told, and what was asked waits again."""
        self._busy += 1
        try:
            await job
        except ModelUnavailable as error:
            await self._trouble(error)
        finally:
            self._busy -= 1
            await self._news.tell()

    async def _judge(self, items: list[Waiting]) -> None:
        try:
            said = await self._examiner.judge(items)
        except (ModelUnavailable, asyncio.CancelledError):
            self._queue.put_back(items)
            raise
        except Exception as error:
            log_mistake(error, "model failed")
            if len(items) > 1:
                self._queue.put_back(alone(items))
                return
            said = refused(items)
        self._verdicts.adopt(ModelVerdicts.of(self._examiner.version, said))
        await asyncio.to_thread(self._store.save_verdicts, self._examiner.version, said)
        await asyncio.to_thread(self._queue.finish, said)
        self._count(judged=sum(each.severity is not None for each in said))
        self._count(unanswered=sum(each.severity is None for each in said))

    async def _tell_next(self, finding: Unworded) -> None:
        try:
            await self._tell(finding.id)
        except BaseException:
            self._queue.untold.restore([finding])
            raise

    async def _tell(self, id: str) -> None:
        found = await asyncio.to_thread(self._store.revisions.finding, id)
        try:
            told = None if found is None else await self._examiner.tell(found[1])
        except ModelUnavailable:
            raise
        except Exception as error:
            log_mistake(error, "analyzer failed to ask the model")
            self._count(untold=1)
            told = None
        await asyncio.to_thread(self._store.finish_pending, TELL, [id])
        if found is not None and told is not None:
            commit = Commit(found[0], told.source, told.shard, findings=[told])
            await asyncio.to_thread(self._store.commit, commit)
            await self._write()
            self._count(told=1)

    async def _revise_when_due(self) -> None:
        """What costs CPU time waits for a while, so that the ingest keeps it."""
        while True:
            await self._news.until(lambda: bool(self._queue.dirty))
            await asyncio.sleep(max(self._due - self._monotonic(), 0))
            await self._guarded(self._revise())

    async def _until_revised(self) -> None:
        while self._queue.dirty:
            await self._guarded(self._revise())

    async def _revise(self) -> None:
        patterns, self._queue.dirty = self._queue.dirty, set()
        began = self._monotonic()
        revised = await self.reviser.revise(patterns, datetime.now(UTC) - self._revise_back)
        if revised:
            await asyncio.to_thread(self._store.add_pending, self._queue.reword(revised))
            await self._write()
        self._count(revised=len(revised))
        self._due = (now := self._monotonic()) + max(PAUSE, SHARE * (now - began))

    def _count(self, **more: int) -> None:
        sums = {name: getattr(self._outcome, name) + count for name, count in more.items()}
        self._outcome = replace(self._outcome, **sums)

    @property
    def _is_judged(self) -> bool:
        return not self._queue.judging or not self._queue.patterns

    async def _trouble(self, error: Exception) -> None:
        self._outcome = replace(self._outcome, problem=str(error))
        await self._news.tell()
