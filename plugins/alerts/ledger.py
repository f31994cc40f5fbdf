"""What was told when, and what waits to be told: all that must outlive the process, as one value in the store."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from .notice import Notice

if TYPE_CHECKING:
    from sllm_core.store import Store

KEPT = 4000
"""How many patterns, and how many findings, are remembered; the oldest give way."""

TROUBLES = 1000
"""How many troubles are watched until they are over."""

WAITING = 500
"""How many entries wait at once; beyond that the least severe, and of those the newest, are only counted."""

DAY = 86400.0
WATCHED = 7 * DAY
"""Seconds after which a trouble of which nothing was heard any more is no longer watched."""

IDS = 64
"""How many findings are known for each trouble."""

SHORT = 16
"""Digits by which a finding is remembered."""


@dataclass
class Told:
    """When a pattern was told last, how severe, and how often it was found again since."""

    severity: int
    at: float
    again: int = 0


@dataclass
class Place:
    """The end of the last window of a shard that had the trouble, and of the last that was heard of."""

    source: str
    shard: str
    last: float
    heard: float


@dataclass
class Trouble:
    """What may be over one day. `patterns` are hexadecimal; `quota` is how many of their records are no trouble.

    With `missing`, trouble is that there are too few. `told` says whether a message about it was made.
    """

    notice: Notice
    patterns: list[str]
    quota: float
    places: list[Place]
    ids: list[str]
    at: float
    missing: bool = False
    told: bool = False


@dataclass
class Old:
    """Findings about windows that ended too long ago: how many, and about what time."""

    since: float
    count: int = 0
    critical: int = 0
    first: float | None = None
    last: float | None = None


@dataclass
class Message:
    """A message to all targets, the most severe entry first.

    `more` counts entries that there was no room for, by severity; `held` is what kept entries back: quiet, rate.
    """

    number: int
    made: float
    notices: list[Notice] = field(default_factory=list)
    more: dict[int, int] = field(default_factory=dict)
    old: Old | None = None
    held: list[str] = field(default_factory=list)


@dataclass
class Ledger:
    """`judged` has the severity of each finding that was above the threshold; `told` is by pattern.

    `sent` are the times of messages in the time that the rate is about; `sealed` is a message that is made, but
    perhaps not yet in the outbox.
    """

    judged: dict[str, int] = field(default_factory=dict)
    told: dict[str, Told] = field(default_factory=dict)
    troubles: dict[str, Trouble] = field(default_factory=dict)
    waiting: dict[str, Notice] = field(default_factory=dict)
    more: dict[int, int] = field(default_factory=dict)
    old: Old | None = None
    old_told: float = 0.0
    sent: list[float] = field(default_factory=list)
    number: int = 0
    sealed: Message | None = None

    def judge(self, id: str, severity: int, threshold: int) -> int | None:
        """Note how severe a finding is now, and return how severe it was before; None if it was below the threshold."""
        before = self.judged.pop(id[:SHORT], None)
        if severity >= threshold or before is not None:
            self.judged[id[:SHORT]] = severity
        return before

    def drop(self, key: str, *kinds: str) -> None:
        """Take back what waits to be told of a trouble."""
        for kind in kinds:
            self.waiting.pop(f"{kind} {key}", None)

    def not_over(self, key: str) -> None:
        """Take back that a trouble is over."""
        self.drop(key, "over")
        waits = self.waiting.get(f"alert {key}")
        if waits is not None and waits.over is not None:
            self.waiting[f"alert {key}"] = replace(waits, over=None)

    def shorten(self, now: float, repeat: float) -> None:
        """Forget what has no say any more, and the oldest of what is too much."""
        self._catch_up(now)
        for key in [key for key, each in self.told.items() if now - each.at >= max(2 * repeat, DAY)]:
            del self.told[key]
        _first_out(self.told, KEPT)
        _first_out(self.judged, KEPT)
        for key in [key for key, each in self.troubles.items() if now - each.at > WATCHED]:
            del self.troubles[key]
        _first_out(self.troubles, TROUBLES)

    def _catch_up(self, now: float) -> None:
        """Nothing was in the future: where the clock was set back, what was noted before counts from now."""
        for told in self.told.values():
            told.at = min(told.at, now)
        for trouble in self.troubles.values():
            trouble.at = min(trouble.at, now)
        self.sent = [min(each, now) for each in self.sent]
        self.old_told = min(self.old_told, now)
        for key, waits in self.waiting.items():
            if waits.since > now:
                self.waiting[key] = replace(waits, since=now)

    def make_room(self) -> None:
        """Only count the least severe of too many entries; a recovery goes before any alert does."""
        ranked = sorted(self.waiting, key=lambda key: _rank(self.waiting[key]))
        for key in ranked[: max(0, len(ranked) - WAITING)]:
            gone = self.waiting.pop(key)
            if gone.kind == "alert":
                self.more[gone.severity] = self.more.get(gone.severity, 0) + 1
            self.troubles.pop(gone.key, None)


def _rank(notice: Notice) -> tuple[bool, int, float]:
    return notice.kind == "alert", notice.severity, -notice.since


def _first_out(known: dict[str, Any], limit: int) -> None:
    for key in list(known)[: max(0, len(known) - limit)]:
        del known[key]


class Ledgers:
    """Keeps the ledger of one section in the store."""

    def __init__(self, store: Store, section: str) -> None:
        from pydantic import TypeAdapter

        self._store, self._name = store, f"alerts.{section}.ledger"
        self._saved: object = None
        self._shape = TypeAdapter(Ledger)

    def load(self) -> Ledger:
        """The ledger as it was saved last; an empty one if there is none, or none that this version can read."""
        kept = self._store.recall(self._name)
        try:
            return Ledger() if kept is None else self._shape.validate_python(kept)
        except ValueError:
            logging.getLogger("sllm.alerts").warning("what was told before cannot be read; alerts may come twice")
            return Ledger()

    def save(self, ledger: Ledger) -> None:
        """Keep the whole ledger, or nothing of it."""
        value = self._shape.dump_python(ledger, mode="json")
        if value != self._saved:
            self._saved = None
            self._store.remember(self._name, value)
            self._saved = value


def waiting_key(notice: Notice) -> str:
    """Under what an entry waits: at most one alert and one recovery for each trouble."""
    return f"{notice.kind} {notice.key}"


def known_ids(ids: Iterable[str]) -> list[str]:
    """The ids of findings as they are remembered, each once, the latest of them."""
    return list(dict.fromkeys(each[:SHORT] for each in ids))[-IDS:]
