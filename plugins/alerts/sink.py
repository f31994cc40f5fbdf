"""The sink: takes findings in at once, and tells people of them in the background."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from sllm_core.diagnosis import Diagnosis
from sllm_core.findings import Finding
from sllm_core.metrics import Metric
from sllm_core.summaries.language import clock, plural

from .delivery import Courier, Sleep
from .description import Describer
from .desk import Desk
from .harmless import Harmless
from .targets import Target
from .writing import Writer

if TYPE_CHECKING:
    from sllm_core.components import Context
    from sllm_core.safety.preparation import Redactor

    from .config import AlertsConfig

HELP = MappingProxyType(
    {
        "sent": "messages that a target has taken",
        "failed": "attempts to send a message that failed",
        "given_up": "messages that a target never took",
        "held_back": "findings that were not told at once",
        "waiting": "findings that wait to be told",
        "troubles": "troubles that were told and are not over",
    }
)
LOOK = 60.0
"""Seconds after which the clock is looked at again at the latest: it may be set, and machines sleep."""

REFUSED = 10.0
"""Seconds after which it is tried again to make messages, where the store refused."""


class AlertsSink:
    """Tells people of findings; each is in the store before `write` returns, and nothing that is sent is waited for.

    Args:
        writer: words the messages.
        redactor: takes private values out of what others wrote.
        now: the wall clock in seconds since 1970; `sleep` waits.
    """

    def __init__(
        self,
        name: str,
        config: AlertsConfig,
        context: Context,
        targets: Sequence[Target],
        writer: Writer,
        redactor: Redactor,
        *,
        now: Callable[[], float] = time.time,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.name = name
        self._config, self._zone, self._now, self._sleep = config, context.zone, now, sleep
        describer = Describer(Harmless(redactor), context.patterns, config.language or context.language)
        self._desk = Desk(name, config, context, describer, [each.fingerprint for each in targets], now)
        spans = config.give_up.total_seconds(), config.timeout.total_seconds()
        self._couriers = [Courier(each, self._desk, writer, *spans, now=now, sleep=sleep) for each in targets]
        self._changed, self._ending = asyncio.Event(), False

    async def write(self, findings: Sequence[Finding]) -> None:
        """Note what the findings say.

        Raises:
            StoreError: that cannot be stored.
        """
        await asyncio.to_thread(self._desk.take, findings)
        self._changed.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Sends messages; at the end what is left, for as long as the configuration says."""
        if gone := await asyncio.to_thread(self._desk.tidy):
            about = {"messages": gone, "section": self.name}
            logging.getLogger("sllm.alerts").warning("dropped what targets did not get that are gone", extra=about)
        tasks = [asyncio.create_task(each.run()) for each in self._couriers]
        making = asyncio.create_task(self._make())
        try:
            yield
        finally:
            self._ending = True
            self._changed.set()
            _, late = await asyncio.wait([making, *tasks], timeout=self._config.wait.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _make(self) -> None:
        """Make messages as they are due; at the end what is there at once, and then send the couriers home."""
        while not self._ending:
            self._changed.clear()
            due = await self._make_due()
            if not self._ending:
                await self._rest(due)
        await self._make_due(hurry=True)
        for courier in self._couriers:
            courier.end()

    async def _make_due(self, hurry: bool = False) -> float | None:
        try:
            while await asyncio.to_thread(self._desk.make, hurry) is not None:
                pass
            due = await asyncio.to_thread(self._desk.due)
        except Exception:  # nothing is lost: the store has it, and `write` tells core if it goes on refusing
            logging.getLogger("sllm.alerts").exception("alerts cannot be made")
            return self._now() + REFUSED
        # What was made before the store refused is in the outbox now, though no call has returned it.
        for courier in self._couriers:
            courier.wake()
        return due

    async def _rest(self, due: float | None) -> None:
        woken = asyncio.create_task(self._changed.wait())
        seconds = 0.0 if due is None else min(max(due - self._now(), 0.0), LOOK)
        pauses = [] if due is None else [asyncio.ensure_future(self._sleep(seconds))]
        await asyncio.wait([woken, *pauses], return_when=asyncio.FIRST_COMPLETED)
        for task in (woken, *pauses):
            task.cancel()

    def metrics(self) -> Iterator[Metric]:
        """What was sent, what failed, what is held back, what waits."""
        for each in self._couriers:
            labels = {"target": str(each.target.number), "kind": each.target.kind}
            told = (("sent", each.figures.sent), ("failed", each.figures.failed), ("given_up", each.figures.given_up))
            for name, value in told:
                yield Metric(f"alerts_{name}_total", value, HELP[name], "counter", labels)
        for reason, count in sorted(self._desk.held_back.items()):
            yield Metric("alerts_held_back_total", count, HELP["held_back"], "counter", {"reason": reason})
        yield Metric("alerts_waiting_findings", self._desk.entries, HELP["waiting"])
        yield Metric("alerts_open_troubles", self._desk.troubles, HELP["troubles"])

    async def diagnose(self) -> Diagnosis:
        """What targets there are, whether their hosts can be reached, and what waits for them; nothing is sent."""
        targets = [each.target for each in self._couriers]
        found = await asyncio.gather(*(asyncio.to_thread(self._state, each) for each in targets))
        facts = [(f"target {each.number}", shown(each)) for each in targets]
        wrong = [
            f"target {each.number} ({shown(each)}) {what}" for each, what in zip(targets, found, strict=True) if what
        ]
        return Diagnosis(
            facts=tuple(facts),
            problem="; ".join(wrong),
            remedies=(f"sllm plugin {self.name} test",) if wrong else (),
        )

    def _state(self, target: Target) -> str:
        return ", ".join(filter(None, (target.reach(), self._waits(target))))

    def _waits(self, target: Target) -> str:
        oldest = self._desk.first(target.fingerprint)
        if oldest is None:
            return ""
        since = datetime.fromtimestamp(oldest.made, self._zone)
        return f"has not taken {plural(self._desk.waiting()[target.fingerprint], 'message')}, since {clock(since)}"


def shown(target: Target) -> str:
    """What a target is, without what is secret."""
    return f"{target.kind} {target.host}".strip()
