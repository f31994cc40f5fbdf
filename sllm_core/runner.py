"""Runs what the settings enable until the sources end: headless, and the heart of the service."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sllm_core.classifier import Classifier, Verdicts
from sllm_core.components import Context, Measured, Source, SourceProgress
from sllm_core.loader import Assembly, load_plugins
from sllm_core.overflow import ANALYZER as OVERFLOW
from sllm_core.overflow import overflow_notes
from sllm_core.patterns import PatternTable
from sllm_core.pipeline import Counts, Delivery, Pace, Pipeline
from sllm_core.plugin import PluginError
from sllm_core.records import LogBatch
from sllm_core.settings import Settings
from sllm_core.store import Run, Store
from sllm_core.upkeep import Upkeep


class RunFailed(PluginError):
    """A source, a sink or the store failed; what was not acknowledged is read again at the next run."""

    exit_code = 1


@dataclass(frozen=True)
class Result:
    """How a run went: its record in the store, errors by analyzer, and what the sources have to tell the user."""

    run: Run
    failures: Mapping[str, int]
    warnings: tuple[str, ...] = ()


class Runner:
    """One run over all enabled sources.

    Args:
        settings: what is enabled, and how.
        store: where findings, patterns and cursors are kept; the caller closes it.
        observe: is given every batch once core has added its columns.

    `verdicts` are those on the patterns of the store.

    Raises:
        PluginError: a plugin cannot be loaded or set up; the message names all such mistakes.
    """

    def __init__(self, settings: Settings, store: Store, *, observe: Callable[[LogBatch], None] | None = None) -> None:
        self._settings, self._store, self._observe = settings, store, observe
        self.verdicts = Verdicts(Classifier.load, store.patterns)
        self._assembly = assemble(settings, store, self.verdicts)
        self._counts = Counts()

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of the sources."""
        return tuple(each.name for each in self._assembly.sources)

    async def run(self) -> Result:
        """Read until every source has ended.

        Cancel it to stop early: nothing is lost, the next run goes on from what was acknowledged.

        Raises:
            RunFailed: a source, a sink or the store failed.
        """
        run = Run(f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}", datetime.now(UTC))
        self._store.save_run(run)
        try:
            await self._read_all(run)
        except asyncio.CancelledError:
            self._end(run, "stopped")
            raise
        except Exception as error:
            self._end(run, "failed")
            raise _failure(error) from error
        warnings = (*self._progress().warnings, *self._overflows(run))
        return Result(self._end(run, "finished"), dict(self._counts.failures), warnings)

    def progress(self) -> tuple[int, int]:
        """Bytes read and bytes in all; 0 where unknown."""
        progress = self._progress()
        return progress.done, progress.total

    def _overflows(self, run: Run) -> list[str]:
        """Which sources had more patterns than are kept, in this run and those that it went on from."""
        runs = [*self._store.unfinished_before(run), run]
        return overflow_notes(finding for each in runs for finding in self._store.findings(each.id, OVERFLOW))

    async def _read_all(self, run: Run) -> None:
        for sink in self._assembly.sinks:
            self._store.welcome(sink.name)
        async with AsyncExitStack() as stack:
            for lifespan in self._assembly.lifespans:
                await stack.enter_async_context(lifespan)
            delivery = Delivery(self._assembly.sinks, self._store)
            await delivery.catch_up()
            self._store.forget(run.started - self._settings.store.retention)
            upkeep = Upkeep(self._store, self._settings.store.retention)
            async with asyncio.TaskGroup() as tasks:
                for source in self._assembly.sources:
                    tasks.create_task(self._pipeline(source, delivery, upkeep, run).run(), name=source.name)
            await asyncio.to_thread(upkeep.finish)

    def _pipeline(self, source: Source, delivery: Delivery, upkeep: Upkeep, run: Run) -> Pipeline:
        return Pipeline(
            source,
            self._assembly.analyzers,
            delivery,
            self._store,
            _pace(self._settings),
            self._counts,
            run.id,
            observe=self._observe,
            upkeep=upkeep,
            language=self._settings.language,
        )

    def _end(self, run: Run, outcome: str) -> Run:
        ended = replace(
            run,
            ended=datetime.now(UTC),
            outcome=outcome,
            records=self._counts.records,
            repaired=self._progress().repaired,
            late=self._counts.late,
        )
        self._store.save_run(ended)
        return ended

    def _progress(self) -> SourceProgress:
        each = [source.progress() for source in self._assembly.sources if isinstance(source, Measured)]
        return SourceProgress(
            sum(one.done for one in each),
            sum(one.total for one in each),
            sum(one.repaired for one in each),
            tuple(text for one in each for text in one.warnings),
        )


def open_store(settings: Settings, *, forget: bool = False) -> Store:
    """The store that the settings name; `forget` what is older than they say.

    Raises:
        StoreError: it cannot be written, is in use by another process, or is damaged.
    """
    section = settings.patterns
    patterns = PatternTable(limit=section.limit, key=section.key.get_secret_value().encode(errors="surrogatepass"))
    keep = datetime.now(UTC) - settings.store.retention if forget else None
    return Store(settings.store.path, patterns, keep=keep)


def assemble(settings: Settings, store: Store, verdicts: Verdicts) -> Assembly:
    """What the enabled plugins give.

    Raises:
        PluginError: a plugin cannot be loaded or set up.
    """
    context = Context(store.patterns, verdicts, store, settings.language, ZoneInfo(settings.timezone))
    return load_plugins(settings).collect(context)


def _pace(settings: Settings) -> Pace:
    times = settings.pipeline
    return Pace(
        times.window.total_seconds(),
        times.lateness.total_seconds(),
        times.idle.total_seconds(),
        times.analyzer_timeout.total_seconds(),
        ZoneInfo(settings.timezone),
    )


def _failure(error: Exception) -> RunFailed:
    """All causes in one message; those that are no fault of the user's are logged with their tracebacks."""
    causes = list(_leaves(error))
    for cause in causes:
        if not isinstance(cause, PluginError):
            logging.getLogger("sllm.runner").error("run failed", exc_info=cause, extra={"reason": str(cause)})
    return RunFailed("; ".join(dict.fromkeys(map(_reason, causes))))


def _leaves(error: BaseException) -> Sequence[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for each in error.exceptions for leaf in _leaves(each)]
    return [error]


def _reason(error: BaseException) -> str:
    text = str(error).rstrip(".")
    return text if isinstance(error, PluginError) else f"{type(error).__name__}: {text}"
