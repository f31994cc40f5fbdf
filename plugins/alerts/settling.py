"""Patterns that gave way to others: what was told of one was told of the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sllm_core.findings import pattern_name

from .ledger import Ledger, Told, Trouble, waiting_key
from .notice import Notice

Resolve = Callable[[NDArray[np.uint64]], NDArray[np.uint64]]
_PATTERN = re.compile("[0-9a-f]{16}")


def settle(ledger: Ledger, resolve: Resolve) -> None:
    """Bring the ids that a ledger has to those of now."""
    leads = _leads(_named(ledger), resolve)
    for name, now in leads.items():
        _settle_told(ledger, name, now)
        _settle_trouble(ledger, name, now)
    for key, waits in list(ledger.waiting.items()):
        if waits.key in leads:
            del ledger.waiting[key]
            _wait(ledger, replace(waits, key=leads[waits.key]))
    for trouble in ledger.troubles.values() if leads else ():
        trouble.patterns = list(dict.fromkeys(leads.get(each, each) for each in trouble.patterns))


def _named(ledger: Ledger) -> set[str]:
    inside = (each for trouble in ledger.troubles.values() for each in trouble.patterns)
    keys = (waits.key for waits in ledger.waiting.values())
    return {each for each in (*ledger.told, *ledger.troubles, *inside, *keys) if _PATTERN.fullmatch(each)}


def _leads(names: Iterable[str], resolve: Resolve) -> dict[str, str]:
    """Where the patterns lead that gave way since."""
    listed = sorted(names)
    if not listed:
        return {}
    now = resolve(np.array([int(each, 16) for each in listed], np.uint64)).tolist()
    return {name: pattern_name(each) for name, each in zip(listed, now, strict=True) if name != pattern_name(each)}


def _settle_told(ledger: Ledger, name: str, now: str) -> None:
    one, other = ledger.told.pop(name, None), ledger.told.get(now)
    if one is not None and other is not None:
        ledger.told[now] = Told(max(one.severity, other.severity), max(one.at, other.at), one.again + other.again)
    elif one is not None:
        ledger.told[now] = one


def _settle_trouble(ledger: Ledger, name: str, now: str) -> None:
    trouble, there = ledger.troubles.pop(name, None), ledger.troubles.get(now)
    if trouble is not None and there is not None:
        _join(there, trouble)
    elif trouble is not None:
        trouble.notice = replace(trouble.notice, key=now)
        ledger.troubles[now] = trouble


def _join(trouble: Trouble, other: Trouble) -> None:
    known = {(each.source, each.shard): each for each in trouble.places}
    for place in other.places:
        there = known.get((place.source, place.shard))
        if there is None:
            trouble.places.append(place)
        else:
            there.last, there.heard = max(there.last, place.last), max(there.heard, place.heard)
    trouble.patterns, trouble.ids = [*trouble.patterns, *other.patterns], [*trouble.ids, *other.ids]
    trouble.quota, trouble.told = max(trouble.quota, other.quota), trouble.told or other.told


def _wait(ledger: Ledger, notice: Notice) -> None:
    there = ledger.waiting.get(waiting_key(notice))
    ledger.waiting[waiting_key(notice)] = notice if there is None else there.merged(notice)
