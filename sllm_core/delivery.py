"""Findings to sinks: each sink is written what it has not been written yet."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sllm_core.components import Sink
from sllm_core.store import Store


class Delivery:
    """Writes to each sink what it has not been written yet; one writer at a time."""

    def __init__(self, sinks: Sequence[Sink], store: Store) -> None:
        self.sinks, self._store, self._turn = sinks, store, asyncio.Lock()

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
            await sink.write(findings)
            await asyncio.to_thread(self._store.delivered, sink.name, mark)
