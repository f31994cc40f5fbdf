"""Findings to sinks: each sink is written what it has not been written yet."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from sllm_core.components import Sink
from sllm_core.log_context import bound
from sllm_core.store import Store
from sllm_core.tracing import span


class Delivery:
    """Writes to each sink what it has not been written yet; one writer at a time.

    `busy` has the sink that is being written to, and since when by `monotonic`.
    """

    def __init__(self, sinks: Sequence[Sink], store: Store, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.sinks, self._store, self._turn = sinks, store, asyncio.Lock()
        self._monotonic = monotonic
        self.busy: tuple[str, float] | None = None

    async def catch_up(self) -> None:
        """Returns once every sink has stored every finding. An exception of a sink is passed on."""
        async with self._turn:
            for sink in self.sinks:
                await self._write(sink)

    async def _write(self, sink: Sink) -> None:
        while True:
            mark, findings = await asyncio.to_thread(self._store.undelivered, sink.name)
            if not findings:
                return
            self.busy = (sink.name, self._monotonic())
            try:
                with bound(sink=sink.name), span("write findings", sink=sink.name, findings=len(findings)):
                    await sink.write(findings)
            finally:
                self.busy = None
            await asyncio.to_thread(self._store.delivered, sink.name, mark)
