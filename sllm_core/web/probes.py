"""What is found out about the parts of a service beforehand, so that who asks how they are need not wait."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sllm_core.models.language_model import ModelUnavailable
from sllm_core.store import StoreError

if TYPE_CHECKING:
    from sllm_core.web.service import Service

PATIENCE = 2.0
"""Seconds after which a store that does not answer counts as slow."""

GLANCE = 0.1
"""Seconds that who asks waits for the store at most."""

ANSWER = 10.0
"""Seconds in which a model says what it is."""


@dataclass(frozen=True)
class Room:
    """Bytes of the disk on which the store lies."""

    free: int
    total: int


class Probes:
    """Looks at how the store, its disk and the model are.

    `room` is that of the disk, None where the store is in memory alone; `model` what the last look at the model met,
    "" if it answered.

    Args:
        monotonic: a clock in seconds.
    """

    def __init__(self, service: Service, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._service, self._monotonic = service, monotonic
        self._waiting: dict[str, int] | None = None
        self._broken = False
        self._looking: asyncio.Task[None] | None = None
        self._since = 0.0
        self._before: dict[tuple[str, str], str] = {}
        self.room: Room | None = None
        self.model = ""

    async def look(self) -> None:
        """Look at everything, and tell the log what is otherwise than before."""
        from sllm_core.web.condition import components

        self.room = await asyncio.to_thread(_room, self._service.store.folder)
        await self._ask_model()
        found = await components(self._service)
        for each in found:
            before = self._before.get((each.kind, each.name), "ok")
            if each.status != before:
                told = {"component": f"{each.kind} {each.name}", "before": before, "reason": each.detail}
                level = logging.INFO if each.status == "ok" else logging.WARNING
                logging.getLogger("sllm.health").log(level, "now %s", each.status, extra=told)
        self._before = {(each.kind, each.name): each.status for each in found}

    async def store(self) -> tuple[str, dict[str, int]]:
        """How the store is, within GLANCE seconds: `ok`, `slow` or `unreadable`; and how many questions wait in it."""
        if self._looking is None or self._looking.done():
            self._since = self._monotonic()
            self._looking = asyncio.create_task(self._ask_store())
        await asyncio.wait({self._looking}, timeout=PATIENCE if self._waiting is None else GLANCE)
        if self._broken:
            return "unreadable", {}
        is_slow = not self._looking.done() and self._monotonic() - self._since >= PATIENCE
        return ("slow" if is_slow else "ok"), self._waiting or {}

    async def _ask_store(self) -> None:
        try:
            self._waiting = await asyncio.to_thread(self._service.store.pending_counts)
            self._broken = False
        except StoreError:
            self._broken = True

    async def _ask_model(self) -> None:
        gateway, reviewer = self._service.runner.assembly.model, self._service.runner.reviewer
        if gateway is None or reviewer is None:
            return
        try:
            async with asyncio.timeout(ANSWER):
                await gateway.identity()
            self.model = ""
        except (ModelUnavailable, TimeoutError) as error:
            self.model = str(error) or f"no answer within {ANSWER:g} s"


def _room(folder: Path | None) -> Room | None:
    with suppress(OSError):
        if folder is not None:
            usage = shutil.disk_usage(folder)
            return Room(usage.free, usage.total)
    return None
