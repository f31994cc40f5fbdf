"""Which findings are told: the threshold, what was told already, what is too old, and what was none after all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sllm_core.findings import Finding, pattern_name

from .config import AlertsConfig
from .description import Describer, key
from .ledger import SHORT, Ledger, Old, Place, Trouble, known_ids, waiting_key
from .notice import CRITICAL, LABELS, WARNING, Notice, severity

PATTERNS = 50
"""How many patterns of a trouble are known for it."""

MARGIN, REST = 1.5, 0.1
"""Trouble is over when its records are at most so many times as many as usual; the share of them where no usual number
is known, though the pattern is not new."""

EARLIEST = datetime.min.replace(tzinfo=UTC)


class Rules:
    """Decides what waits to be told. `counts` has what was not told: as a repetition (`repeat`), as old (`old`)."""

    def __init__(self, config: AlertsConfig, describer: Describer) -> None:
        self._threshold = LABELS.index(config.threshold)
        self._repeat, self._fresh = config.repeat.total_seconds(), config.fresh.total_seconds()
        self._recovery, self._describer = config.recovery, describer
        self.counts: Counter[str] = Counter()
        self._passed: set[tuple[str, str, str, datetime | None]] = set()

    def take(self, ledger: Ledger, findings: Sequence[Finding], now: float) -> None:
        """Note what new or revised findings say; what was taken already changes nothing.

        Of a window, what few records tell comes first: a finding about all of it speaks only where it is worse.
        """
        self._passed.clear()
        ranked = sorted(enumerate(findings), key=lambda each: (_start(each[1]), each[1].count, -each[0]))
        for _, finding in ranked:
            if severity(finding.label) >= WARNING:
                _goes_on(ledger, finding)
            self._take(ledger, finding, now)

    def _take(self, ledger: Ledger, finding: Finding, now: float) -> None:
        level = severity(finding.label)
        before = ledger.judge(finding.id, level, self._threshold)
        if level < self._threshold:
            if before is not None and before >= self._threshold:
                self._withdraw(ledger, finding, now)
        elif before is None or level > before:
            if finding.window is not None and now - finding.window[1].timestamp() > self._fresh:
                self._count_old(ledger, finding, now)
            else:
                self._tell(ledger, finding, now)

    def _tell(self, ledger: Ledger, finding: Finding, now: float) -> None:
        notice = self._describer.describe(finding, now)
        waits = ledger.waiting.get(waiting_key(notice))
        news = self._news(ledger, notice, now) if waits is None else waits.merged(notice)
        if news is not None:
            ledger.waiting[waiting_key(notice)] = news
            if waits is None or not waits.counts(notice):
                _open(ledger, news, finding, now)

    def _news(self, ledger: Ledger, notice: Notice, now: float) -> Notice | None:
        """The entry, if it was not told lately; worse than what was told is news at any time."""
        told = ledger.told.get(notice.key)
        if told is None:
            return notice
        recent = now - told.at < self._repeat
        if recent and notice.severity <= told.severity:
            told.again += 1
            self.counts["repeat"] += 1
            return None
        return replace(notice, again=told.again, before=told.severity if recent else 0)

    def _withdraw(self, ledger: Ledger, finding: Finding, now: float) -> None:
        for trouble in [each for each in ledger.troubles.values() if finding.id[:SHORT] in each.ids]:
            trouble.ids.remove(finding.id[:SHORT])
            if not trouble.ids:
                self._recant(ledger, trouble, finding, now)

    def _recant(self, ledger: Ledger, trouble: Trouble, finding: Finding, now: float) -> None:
        """Nothing that was found of a trouble stands any more."""
        ledger.drop(trouble.notice.key, "alert", "over", "withdrawn")
        if trouble.told and self._recovery:
            level = severity(finding.label)
            notice = replace(trouble.notice, kind="withdrawn", since=now, id=finding.id, before=level, held="")
            ledger.waiting[waiting_key(notice)] = notice
        else:
            del ledger.troubles[trouble.notice.key]

    def _count_old(self, ledger: Ledger, finding: Finding, now: float) -> None:
        place = (key(finding), finding.source, finding.shard, finding.window and finding.window[0])
        if place in self._passed:
            return
        self._passed.add(place)
        self.counts["old"] += 1
        old = ledger.old = ledger.old or Old(since=now)
        old.count += 1
        old.critical += severity(finding.label) == CRITICAL
        if finding.window is not None:
            begin, end = (each.timestamp() for each in finding.window)
            old.first = begin if old.first is None else min(old.first, begin)
            old.last = end if old.last is None else max(old.last, end)


def _goes_on(ledger: Ledger, finding: Finding) -> None:
    """Trouble of which a finding tells, be it as a part of another one, is not over."""
    if finding.window is None or not ledger.troubles:
        return
    named = {key(finding), *map(pattern_name, finding.patterns)}
    for trouble in ledger.troubles.values():
        if trouble.notice.key in named or not named.isdisjoint(trouble.patterns):
            _note_place(trouble, finding)


def _open(ledger: Ledger, notice: Notice, finding: Finding, now: float) -> None:
    """Watch a trouble; one that is watched already takes up the finding."""
    names = [pattern_name(each) for each in finding.patterns[:PATTERNS]]
    ledger.drop(notice.key, "over", "withdrawn")
    trouble = ledger.troubles.pop(notice.key, None)
    if trouble is None:
        trouble = Trouble(notice, names, 0.0, [], [], now, missing=_is_missing(finding))
    trouble.notice, trouble.at = notice, now
    trouble.patterns = list(dict.fromkeys([*trouble.patterns, *names]))[:PATTERNS]
    trouble.quota = max(trouble.quota, _quota(finding))
    trouble.ids = known_ids([*trouble.ids, finding.id])
    ledger.troubles[notice.key] = trouble
    _note_place(trouble, finding)


def _note_place(trouble: Trouble, finding: Finding) -> None:
    """Note where trouble was, and until when."""
    if finding.window is None:
        return
    end = finding.window[1].timestamp()
    for place in trouble.places:
        if (place.source, place.shard) == (finding.source, finding.shard):
            place.last = max(place.last, end)
            return
    trouble.places.append(Place(finding.source, finding.shard, end, end))


def _is_missing(finding: Finding) -> bool:
    reasons: Iterable[object] = finding.facts.get("reason") or ()
    return not finding.facts.get("records", 1) and "drop" in reasons


def _quota(finding: Finding) -> float:
    """How many records of the trouble's patterns a window may have that is free of it."""
    usual = finding.facts.get("usual")
    if _is_missing(finding):
        return usual / 2 if isinstance(usual, int | float) else 1.0
    if isinstance(usual, int | float):
        return MARGIN * usual
    known = finding.facts.get("new_patterns") != finding.facts.get("pattern_count")
    return REST * finding.count if known and "kinds" in finding.facts else 0.0


def _start(finding: Finding) -> datetime:
    return finding.window[0] if finding.window is not None else EARLIEST
