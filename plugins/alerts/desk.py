"""Takes findings in and gives messages out; what it knows is in the store before anything follows from it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sllm_core.findings import Finding

from .grouping import Grouping
from .ledger import Ledger, Ledgers, Message
from .outbox import Outbox
from .quiet_hours import QuietHours
from .recovery import Recovery
from .rules import Rules
from .settling import settle

if TYPE_CHECKING:
    from sllm_core.components import Context

    from .config import AlertsConfig
    from .description import Describer


class Desk:
    """All that is decided about messages. Its methods wait for the disk, and may be called from several threads.

    Whatever raises leaves the ledger as it was stored last.

    Args:
        section: the name of the section, under which all is kept.
        targets: the fingerprints of those who get every message.
        now: the wall clock in seconds since 1970.
    """

    def __init__(
        self,
        section: str,
        config: AlertsConfig,
        context: Context,
        describer: Describer,
        targets: Sequence[str],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._rules, self._targets, self._now = Rules(config, describer), tuple(targets), now
        self._repeat = config.repeat.total_seconds()
        self._recovery = Recovery(context.store.shards.history, config.calm, config.recovery)
        self._grouping = Grouping(config, QuietHours.of(config.quiet, context.zone))
        self._resolve = context.patterns.resolve
        self._ledgers, self._outbox = Ledgers(context.store, section), Outbox(context.store, section)
        self._known: Ledger | None = None
        self._turn = threading.Lock()
        self.entries = self.troubles = 0

    @property
    def held_back(self) -> Counter[str]:
        """How many findings were not told at once, by the reason: repeat, old, quiet, rate."""
        return self._rules.counts + self._grouping.counts

    def take(self, findings: Sequence[Finding]) -> None:
        """Note what findings say."""
        with self._ledger() as ledger:
            now = self._now()
            settle(ledger, self._resolve)
            self._rules.take(ledger, findings, now)
            self._recovery.check(ledger, findings, now)
            ledger.shorten(now, self._repeat)
            ledger.make_room()
            self._ledgers.save(ledger)

    def make(self, hurry: bool = False) -> Message | None:
        """Make the message that is due and put it into the outbox; with `hurry` do not wait for more to come."""
        with self._ledger() as ledger:
            message = self._grouping.collect(ledger, self._now(), hurry)
            if message is not None:
                self._ledgers.save(ledger)
                self._put(ledger)
            return message

    def due(self) -> float | None:
        """When to call `make` next, in seconds since 1970; None where nothing waits."""
        with self._ledger() as ledger:
            return self._grouping.due(ledger, self._now())

    def first(self, target: str) -> Message | None:
        """The oldest message that a target has not taken."""
        with self._ledger():
            return self._outbox.first(target)

    def finish(self, target: str, message: Message) -> None:
        """The target has taken the message, or never will."""
        self._outbox.finish(target, message)

    def waiting(self) -> dict[str, int]:
        """How many messages wait for each of the targets."""
        counts = self._outbox.waiting()
        return {each: counts.get(each, 0) for each in self._targets}

    def tidy(self) -> int:
        """Drop what waits for targets that are not configured any more; how many messages that were."""
        gone = {target: count for target, count in self._outbox.waiting().items() if target not in self._targets}
        for target in gone:
            self._outbox.drop(target)
        return sum(gone.values())

    @contextmanager
    def _ledger(self) -> Iterator[Ledger]:
        with self._turn:
            try:
                if self._known is None:
                    self._known = self._ledgers.load()
                    self._put(self._known)
                yield self._known
                self.entries, self.troubles = len(self._known.waiting), len(self._known.troubles)
            except BaseException:
                self._known = None
                raise

    def _put(self, ledger: Ledger) -> None:
        """Into the outbox with what is sealed; killed at any moment, the next process does it again."""
        if ledger.sealed is not None:
            self._outbox.put(ledger.sealed, self._targets)
            ledger.sealed = None
            self._ledgers.save(ledger)
