"""What is one message, and when it goes: after the time for grouping, outside of quiet hours, within the rate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import compress

from .config import AlertsConfig
from .ledger import Ledger, Message, Old, Told, waiting_key
from .notice import CRITICAL, Notice
from .quiet_hours import QuietHours

KINDS = ("alert", "over", "withdrawn")


class Grouping:
    """Makes messages of what waits. `counts` has what was held back, once for each entry, by the reason."""

    def __init__(self, config: AlertsConfig, quiet: QuietHours) -> None:
        self._config, self._quiet = config, quiet
        self._group, self._repeat = config.group.total_seconds(), config.repeat.total_seconds()
        self.counts: Counter[str] = Counter()

    def due(self, ledger: Ledger, now: float) -> float | None:
        """When to look again, after a look by `collect` at this moment; None where nothing waits."""
        ends = self._quiet.ends(_moment(now))
        passing, held = self._parted(ledger, ends is not None)
        times = [each.since + self._group for each in (*passing, *(each for each in held if not each.held))]
        if ends is not None and (held or ledger.old):
            times.append(ends.timestamp())
        elif ledger.old is not None:
            times.append(self._old_due(ledger, ledger.old))
        if not times:
            return None
        return min(times) if min(times) > now else self._config.rate.free_at(ledger.sent, now)

    def collect(self, ledger: Ledger, now: float, hurry: bool = False) -> Message | None:
        """The message that is due; the ledger knows then that it was told. None if none is.

        With `hurry` it is not waited for more.
        """
        quiet = self._quiet.ends(_moment(now)) is not None
        passing, held = self._parted(ledger, quiet)
        is_due = bool(passing) and (hurry or min(each.since for each in passing) + self._group <= now)
        old = None if quiet else self._old(ledger, now, is_due, hurry)
        self._hold(ledger, held, "quiet", now)
        if not is_due and old is None:
            return None
        if self._config.rate.free_at(ledger.sent, now) > now:
            self._hold(ledger, passing, "rate", now)
            return None
        return self._seal(ledger, sorted(passing, key=_rank), old, now)

    def _parted(self, ledger: Ledger, quiet: bool) -> tuple[list[Notice], list[Notice]]:
        """What may be told now, and what waits for the end of quiet hours."""
        waiting = list(ledger.waiting.values())
        passes = [not quiet or (_is_urgent(each) and not self._config.quiet_critical) for each in waiting]
        return list(compress(waiting, passes)), [each for each, free in zip(waiting, passes, strict=True) if not free]

    def _old(self, ledger: Ledger, now: float, beside: bool, hurry: bool) -> Old | None:
        """What is to be said of old findings: beside others at any time, alone not more often than a trouble."""
        if ledger.old is None or not (beside or hurry or self._old_due(ledger, ledger.old) <= now):
            return None
        if not beside and now - ledger.old_told < self._repeat:
            return None
        return ledger.old

    def _old_due(self, ledger: Ledger, old: Old) -> float:
        return max(old.since + self._group, ledger.old_told + self._repeat)

    def _hold(self, ledger: Ledger, notices: Iterable[Notice], reason: str, now: float) -> None:
        for each in notices:
            if not each.held and each.since + self._group <= now:
                self.counts[reason] += 1
                ledger.waiting[waiting_key(each)] = replace(each, held=reason)

    def _seal(self, ledger: Ledger, notices: list[Notice], old: Old | None, now: float) -> Message:
        shown = [each for kind in KINDS for each in _first(notices, kind, self._config.entries)]
        more = Counter(ledger.more)
        listed = {waiting_key(each) for each in shown}
        for each in notices:
            key = waiting_key(each)
            del ledger.waiting[key]
            self._note_told(ledger, each, now, key in listed)
            more[each.severity] += key not in listed and each.kind == "alert"
        held = sorted({each.held for each in notices if each.held})
        ledger.number += 1
        ledger.sealed = Message(ledger.number, now, shown, {k: v for k, v in more.items() if v}, old, held)
        ledger.more = {}
        if old is not None:
            ledger.old, ledger.old_told = None, now
        ledger.sent = [*ledger.sent, now][-self._config.rate.count :]
        return ledger.sealed

    def _note_told(self, ledger: Ledger, notice: Notice, now: float, shown: bool) -> None:
        """An alert covers all patterns of its trouble; of what was only counted, no recovery is told."""
        trouble = ledger.troubles.get(notice.key)
        if notice.kind == "alert":
            for name in dict.fromkeys([notice.key, *(trouble.patterns if trouble else ())]):
                self._mark(ledger, name, notice.severity, now)
        if trouble is not None and (notice.over is not None or notice.kind != "alert" or not shown):
            del ledger.troubles[notice.key]
        elif trouble is not None:
            trouble.told = True

    def _mark(self, ledger: Ledger, name: str, severity: int, now: float) -> None:
        before = ledger.told.pop(name, None)
        holds = before is not None and before.severity > severity and now - before.at < self._repeat
        ledger.told[name] = before if before is not None and holds else Told(severity, now)


def _is_urgent(notice: Notice) -> bool:
    return notice.kind == "alert" and notice.severity == CRITICAL


def _first(notices: Iterable[Notice], kind: str, limit: int) -> list[Notice]:
    return [each for each in notices if each.kind == kind][:limit]


def _rank(notice: Notice) -> tuple[int, bool, int, float]:
    """The worst first; of equally bad ones, what is still going on, then what has the most records."""
    return -notice.severity, notice.over is not None, -notice.count, notice.since


def _moment(now: float) -> datetime:
    return datetime.fromtimestamp(now, UTC)
