"""When trouble that was found is over: by event time, so that it does not matter how late or fast windows close."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from sllm_core.findings import Finding
from sllm_core.store import History

from .ledger import Ledger, Place, Trouble, waiting_key

LOOK = 100
"""At how many of the latest windows of a shard one look goes back."""

Past = Callable[[str, str, datetime, int], Sequence[History]]
"""The store's `history`: a source, a shard, before when, and how many windows."""


class Recovery:
    """Finds what is over.

    Trouble is over when every shard that had it has closed windows after the last one that had it, for `calm` in all,
    whose records of its patterns are no more than usual. A shard of which nothing is heard any more tells nothing: a
    service that has fallen silent is not well.

    Args:
        past: what closed windows have counted.
        calm: as the configuration has it.
        told: whether recoveries are told.
    """

    def __init__(self, past: Past, calm: timedelta, told: bool) -> None:
        self._past, self._calm, self._told = past, calm.total_seconds(), told

    def check(self, ledger: Ledger, findings: Sequence[Finding], now: float) -> None:
        """Look at the windows of which findings tell, whatever these say: by them it is known that they are closed."""
        heard = _heard(findings)
        known: dict[tuple[str, str], Sequence[History]] = {}
        for trouble in list(ledger.troubles.values()):
            for place in trouble.places:
                shard = (place.source, place.shard)
                if shard in heard:
                    if shard not in known:
                        known[shard] = self._past(*shard, heard[shard], LOOK)
                    _hear(trouble, place, known[shard], heard[shard].timestamp())
            if trouble.places and all(map(self._is_calm, trouble.places)):
                self._end(ledger, trouble, now)
            else:
                ledger.not_over(trouble.notice.key)

    def _is_calm(self, place: Place) -> bool:
        return place.heard > place.last and place.heard - place.last >= self._calm

    def _end(self, ledger: Ledger, trouble: Trouble, now: float) -> None:
        key, since = trouble.notice.key, max(each.last for each in trouble.places)
        if (waits := ledger.waiting.get(f"alert {key}")) is not None:
            ledger.waiting[f"alert {key}"] = replace(waits, over=since)
        elif f"withdrawn {key}" in ledger.waiting or f"over {key}" in ledger.waiting:
            return
        elif trouble.told and self._told:
            notice = replace(trouble.notice, kind="over", since=now, over=since, held="", again=0, before=0)
            ledger.waiting[waiting_key(notice)] = notice
        else:
            del ledger.troubles[key]


def _heard(findings: Sequence[Finding]) -> dict[tuple[str, str], datetime]:
    """The end of the latest window of each shard."""
    ends: dict[tuple[str, str], datetime] = {}
    for each in findings:
        if each.window is not None:
            shard, end = (each.source, each.shard), each.window[1].astimezone(UTC)
            ends[shard] = max(end, ends.get(shard, end))
    return ends


def _hear(trouble: Trouble, place: Place, windows: Sequence[History], end: float) -> None:
    for window in windows:
        if window.start.timestamp() >= place.last and _has(trouble, window):
            place.last = window.end.timestamp()
    place.heard = max(place.heard, end)


def _has(trouble: Trouble, window: History) -> bool:
    """Whether a window has the trouble, by how often its patterns occur; what has none is told by findings alone."""
    if not trouble.patterns:
        return False
    ids = np.array(list(_numbers(trouble.patterns)), np.uint64)
    records = int(window.counts[np.isin(window.patterns, ids)].sum())
    return records < trouble.quota if trouble.missing else records > trouble.quota


def _numbers(patterns: Sequence[str]) -> Iterator[int]:
    return (int(each, 16) for each in patterns)
