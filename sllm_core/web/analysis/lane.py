"""A thread with a loop of its own, in which what requests bring is read and analysed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import tzinfo
from threading import Thread
from typing import Any, TypeVar, TypeVarTuple, Unpack

from sllm_core.components import Analyzer
from sllm_core.loader import Assembly
from sllm_core.patterns import PatternTable
from sllm_core.web.analysis.intake import Intake

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class AtOnce(asyncio.SelectorEventLoop):
    """Does in its own thread what would go to another: `asyncio.to_thread` costs nothing then."""

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Ts]], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """Done now and told in the next round, so that what is due has its turn; a named executor does it itself."""
        if executor is not None:
            return super().run_in_executor(executor, func, *args)
        future: asyncio.Future[T] = self.create_future()
        try:
            self.call_soon(_settle, future.set_result, future, func(*args))
        except Exception as error:
            self.call_soon(_settle, future.set_exception, future, error)
        return future


def _settle(tell: Callable[[Any], None], future: asyncio.Future[Any], found: object) -> None:
    if not future.done():
        tell(found)


class Lane:
    """Where questions wait for one another: what is read and analysed has a turn.

    More threads would only wait for one another, and going from one to the next would take a quarter of the time. While
    one question is analysed, those that come are gathered and read together, which takes a fraction of the time. `name`
    is the shard that analyzers see; the window of a question is closed before that of the next is opened.

    Args:
        assemblies: the analyzers by language; they are of this lane alone, since their lifespans are in its loop.
        records: how many records a question may have.
    """

    def __init__(
        self, name: str, assemblies: Mapping[str, Assembly], patterns: PatternTable, zone: tzinfo, records: int
    ) -> None:
        self.name, self.turn = name, asyncio.Lock()
        self.intake = Intake(patterns, zone, records, self.turn)
        self._analyzers = {each: {one.name: one for one in made.analyzers} for each, made in assemblies.items()}
        self._lifespans = [lifespan for made in assemblies.values() for lifespan in made.lifespans]
        self._loop: asyncio.AbstractEventLoop | None = None
        self._left = asyncio.Event()

    @property
    def names(self) -> tuple[str, ...]:
        """Those of the analyzers, which are the same in all languages."""
        return tuple(next(iter(self._analyzers.values())))

    def chosen(self, language: str, names: Sequence[str]) -> list[Analyzer]:
        """The analyzers of these names."""
        return [self._analyzers[language][name] for name in names]

    async def do(self, work: Coroutine[Any, Any, T]) -> T:
        """What the work gives, which is done in the lane's loop; cancelled with whoever waits for it."""
        return await elsewhere(work, self._loop)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """The thread, and what the plugins need in it, while this lasts."""
        opened: Future[None] = Future()
        thread = Thread(target=self._run, args=(opened,), name=f"analyze-{self.name}", daemon=True)
        thread.start()
        try:
            await asyncio.wrap_future(opened)
            yield
        finally:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._left.set)
            await asyncio.to_thread(thread.join)

    def _run(self, opened: Future[None]) -> None:
        with asyncio.Runner(loop_factory=AtOnce) as runner:
            try:
                runner.run(self._stay(opened))
            except Exception as error:
                if opened.done():
                    logging.getLogger("sllm.web").exception("a plugin did not end well", extra={"lane": self.name})
                else:
                    opened.set_exception(error)

    async def _stay(self, opened: Future[None]) -> None:
        async with AsyncExitStack() as stack:
            for each in self._lifespans:
                await stack.enter_async_context(each)
            self._loop = asyncio.get_running_loop()
            opened.set_result(None)
            await self._left.wait()
            self._loop = None


async def elsewhere(work: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop | None) -> T:
    """What the work gives, done in another thread's loop; cancelled with whoever waits for it.

    Raises:
        RuntimeError: there is no such loop.
    """
    if loop is None:
        work.close()
        raise RuntimeError("there is no loop to do it in")
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop))
