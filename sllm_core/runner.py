"""Runs what the settings enable until the sources end: headless, and the heart of the service."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sllm_core.components import Measured, Shared, Source, SourceProgress
from sllm_core.delivery import Delivery
from sllm_core.failures import NotReady, RunFailed, failure
from sllm_core.learning.following import Follower
from sllm_core.learning.standing import serve_standing, standing_verdicts
from sllm_core.metrics import Metered, Metric, log_metrics
from sllm_core.opening import assemble, redactor
from sllm_core.overflow import ANALYZER as OVERFLOW
from sllm_core.overflow import overflow_notes
from sllm_core.pipeline import Counts, Pace, Pipeline
from sllm_core.plugin import PluginError
from sllm_core.records import LogBatch
from sllm_core.review.outcome import Outcome
from sllm_core.review.revision import Reviser
from sllm_core.settings import Settings
from sllm_core.store import Run, Store, StoreError
from sllm_core.upkeep import Upkeep

if TYPE_CHECKING:
    from sllm_core.models.gateway import Gateway
    from sllm_core.review.reviewer import Reviewer

__all__ = ["Finish", "NotReady", "Result", "RunFailed", "Runner"]

Finish = Callable[[Run], Awaitable[None]]


@dataclass(frozen=True)
class Result:
    """How a run went: its record in the store, errors by analyzer, and what the sources have to tell the user.

    `model` is how the second look of a language model went, None where none is enabled.
    """

    run: Run
    failures: Mapping[str, int]
    warnings: tuple[str, ...] = ()
    model: Outcome | None = None


class Runner:
    """One run over all enabled sources.

    Args:
        settings: what is enabled, and how.
        store: where findings, patterns and cursors are kept; the caller closes it.
        observe: is given every batch once core has added its columns.
        memory: keeps what a language model answered and what is known of it; `store` if None.
        grace: after how many seconds it is asked at the earliest, unless the sources have ended; None as is usual.

    `verdicts` are those on the patterns of the store; `reviewer` asks the model, None where none is enabled; `follower`
    brings what humans said to what was found; `entered` tells whether what plugins need is there, `ended` whether
    everything is read. `assembly` has the components, `counts` what was counted so far, `latest` the record of the run
    as it was stored last, and `reading` the names of the sources that have not ended.

    Raises:
        PluginError: a plugin cannot be loaded or set up; the message names all such mistakes.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        *,
        observe: Callable[[LogBatch], None] | None = None,
        memory: Store | None = None,
        grace: float | None = None,
    ) -> None:
        self._settings, self._store, self._observe = settings, store, observe
        self.verdicts = standing_verdicts(store)
        self.counts, self.entered, self.ended = Counts(), False, False
        self.latest: Run | None = None
        self.reading: set[str] = set()
        self.upkeep: Upkeep | None = None
        self.assembly = assemble(settings, store, self.verdicts, memory)
        self.delivery = Delivery(self.assembly.sinks, store)
        gateway = self.assembly.model
        self.reviewer = None if gateway is None else self._reviewer(gateway, memory, grace)
        self.follower = self._follower()

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of the sources."""
        return tuple(each.name for each in self.assembly.sources)

    @property
    def shared(self) -> frozenset[str]:
        """The names of those whose shards are partitions of topics, which workers share."""
        return frozenset(each.name for each in self.assembly.sources if isinstance(each, Shared))

    async def run(self, finish: Finish | None = None) -> Result:
        """Read until every source has ended, and wait for the model as long as the settings say.

        `finish`, where it is given, is called instead of waiting, while the model can still be asked and the lifespans
        of the plugins last.

        Cancel it to stop early: nothing is lost, the next run goes on from what was acknowledged.

        Raises:
            NotReady: what a plugin needs is not there.
            RunFailed: a source, a sink or the store failed.
        """
        run = Run(f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}", datetime.now(UTC))
        self._save(run)
        try:
            await self._read_all(run, finish)
        except asyncio.CancelledError:
            self._end_early(run, "stopped")
            raise
        except Exception as error:
            self._end_early(run, "failed")
            if isinstance(error, NotReady):
                raise
            raise failure(error) from error
        outcome = self.reviewer.outcome if self.reviewer else None
        problem = [outcome.problem] if outcome and outcome.problem else []
        warnings = (*self._progress().warnings, *self._overflows(run), *problem)
        return Result(self._end(run, "finished"), dict(self.counts.failures), warnings, outcome)

    def metrics(self) -> list[Metric]:
        """The figures of all sources and sinks that have some, at this moment."""
        metered = (each for each in (*self.assembly.sources, *self.assembly.sinks) if isinstance(each, Metered))
        return [metric for each in metered for metric in each.metrics()]

    def progress(self) -> tuple[int, int]:
        """Bytes read and bytes in all; 0 where unknown."""
        progress = self._progress()
        return progress.done, progress.total

    def _overflows(self, run: Run) -> list[str]:
        """Which sources had more patterns than are kept, in this run and those that it went on from."""
        runs = [*self._store.unfinished_before(run), run]
        return overflow_notes(finding for each in runs for finding in self._store.findings(each.id, OVERFLOW))

    async def _read_all(self, run: Run, finish: Finish | None) -> None:
        for sink in self.assembly.sinks:
            self._store.welcome(sink.name)
        async with AsyncExitStack() as stack:
            await self._enter(stack)
            self.entered = True
            await self.delivery.catch_up()
            await asyncio.to_thread(self._store.forget, run.started - self._settings.store.retention)
            self.upkeep = upkeep = Upkeep(self._store, self._settings.store.retention)
            async with asyncio.TaskGroup() as tasks:
                telling = tasks.create_task(log_metrics(self.metrics))
                review = tasks.create_task(self._review(self.reviewer)) if self.reviewer else None
                following = tasks.create_task(self.follower.run())
                await self._read(run, upkeep)
                self.ended = True
                if finish is not None:
                    await finish(run)
                elif self.reviewer:
                    await self.reviewer.finish(self._settings.model.wait.total_seconds())
                if review:
                    review.cancel()
                await self.follower.follow()
                following.cancel()
                telling.cancel()
            await asyncio.to_thread(upkeep.finish)

    async def _review(self, reviewer: Reviewer) -> None:
        """Ask the model, by the version that holds; what is read does not wait for the server to say that it has it."""
        await asyncio.to_thread(serve_standing, self._store, self.assembly.tuners)
        await reviewer.run()

    async def _enter(self, stack: AsyncExitStack) -> None:
        """All lifespans; what the user has to mend in their servers or settings is told of all of them at once."""
        mistakes: list[PluginError] = []
        for lifespan in self.assembly.lifespans:
            try:
                await stack.enter_async_context(lifespan)
            except PluginError as error:
                mistakes.append(error)
        if mistakes:
            raise NotReady("; ".join(str(each).rstrip(".") for each in mistakes))

    async def _read(self, run: Run, upkeep: Upkeep) -> None:
        async with asyncio.TaskGroup() as tasks:
            for source in self.assembly.sources:
                tasks.create_task(self._read_one(source, upkeep, run), name=source.name)

    async def _read_one(self, source: Source, upkeep: Upkeep, run: Run) -> None:
        self.reading.add(source.name)
        await self._pipeline(source, upkeep, run).run()
        self.reading.discard(source.name)

    def _reviewer(self, gateway: Gateway, memory: Store | None, grace: float | None) -> Reviewer:
        from sllm_core.review.examiner import Terms
        from sllm_core.review.reviewer import GRACE, Reviewer

        section = self._settings.model
        terms = Terms(
            redactor(self._settings),
            self._settings.language,
            section.patterns,
            section.texts,
            section.revise,
            section.trial,
        )
        return Reviewer(
            gateway,
            self._store,
            self.verdicts,
            self.assembly.analyzers,
            terms,
            self.delivery.catch_up,
            self._failed,
            memory=memory,
            grace=GRACE if grace is None else grace,
        )

    def _follower(self) -> Follower:
        failed = self._failed
        reviser = self.reviewer.reviser if self.reviewer else Reviser(self._store, self.assembly.analyzers, failed)
        return Follower(self._store, reviser, self.delivery.catch_up, self._settings.model.revise)

    def _failed(self, analyzer: str) -> None:
        self.counts.failures.update([analyzer])

    def _pipeline(self, source: Source, upkeep: Upkeep, run: Run) -> Pipeline:
        return Pipeline(
            source,
            self.assembly.analyzers,
            self.delivery,
            self._store,
            _pace(self._settings),
            self.counts,
            run.id,
            observe=self._observe,
            review=self.reviewer,
            upkeep=upkeep,
            language=self._settings.language,
        )

    def _end_early(self, run: Run, outcome: str) -> None:
        """Note how the run ended, if the store can; why it ended is told in any case."""
        with suppress(StoreError):
            self._end(run, outcome)

    def _end(self, run: Run, outcome: str) -> Run:
        ended = replace(
            run,
            ended=datetime.now(UTC),
            outcome=outcome,
            records=self.counts.records,
            repaired=self._progress().repaired,
            late=self.counts.late,
        )
        self._save(ended)
        return ended

    def _save(self, run: Run) -> None:
        self._store.save_run(run)
        self.latest = run

    def _progress(self) -> SourceProgress:
        each = [source.progress() for source in self.assembly.sources if isinstance(source, Measured)]
        return SourceProgress(
            sum(one.done for one in each),
            sum(one.total for one in each),
            sum(one.repaired for one in each),
            tuple(text for one in each for text in one.warnings),
        )


def _pace(settings: Settings) -> Pace:
    times = settings.pipeline
    return Pace(
        times.window.total_seconds(),
        times.lateness.total_seconds(),
        times.idle.total_seconds(),
        times.analyzer_timeout.total_seconds(),
        ZoneInfo(settings.timezone),
    )
