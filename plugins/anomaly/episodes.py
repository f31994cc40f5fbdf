"""Which clusters are one episode: a failing cause, the faults that it brings, and what others notice of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sllm_core.records import SLOTS
from sllm_core.summaries.window_counts import Ints

from .baseline import Flags, Floats
from .clustering import shared, together
from .evidence import CAUSE, EFFECT

SURE = 0.9
"""The least probability that something did not begin at that time by chance."""

NEAR, BEFORE, AFTER = 3, 2, 6
"""Within how many slots of one another two onsets are the same; from how many before to how many after the onset of
its cause an effect begins."""

ALIKE, RELATED = 0.8, 0.6
"""From which co-occurrence in time on clusters belong together; and related kinds of trouble."""

INSIDE = 0.8
"""Which share of an effect's records comes while its cause lasts."""

BY_CHANCE = 0.5
"""The largest chance with which an effect lies within the time of its cause; they often do go together."""

MARGIN = 2
"""By how many slots an effect may come before its cause or outlast it."""


@dataclass(frozen=True)
class Cluster:
    """Patterns that are alike: `members` among the observed ones (none: answers with 5xx), their kind and its role.

    `slots` counts their records, `begin`, `sure` and `watched` are those of `Onsets`; `services` tells which had them.
    """

    members: Ints
    kind: str
    role: int
    slots: Ints
    begin: float
    sure: float
    watched: float
    services: Flags


def episodes(clusters: Sequence[Cluster]) -> list[list[Cluster]]:
    """The clusters that belong together, in the order of the first of each."""
    if not clusters:
        return []
    linked = _links(clusters)
    left, found = list(range(len(clusters))), []
    while left:
        reached = _reached(linked, left[0])
        found.append([clusters[each] for each in left if reached[each]])
        left = [each for each in left if not reached[each]]
    return found


def _reached(linked: Flags, start: int) -> Flags:
    reached = np.zeros(len(linked), dtype=bool)
    reached[start] = True
    while (grown := linked[reached].any(axis=0) | reached).sum() > reached.sum():
        reached = grown
    return reached


def _links(clusters: Sequence[Cluster]) -> Flags:
    """Which pairs are one episode, (g, g), symmetric."""
    slots = np.stack([each.slots for each in clusters])
    begin, sure = np.array([each.begin for each in clusters]), np.array([each.sure for each in clusters])
    related, meet = _related(clusters), shared(np.stack([each.services for each in clusters]))
    agreement, enough = together(slots), _each(np.minimum, slots.sum(axis=1)) >= 2
    both_sure, one_sure = _each(np.minimum, sure) >= SURE, _each(np.maximum, sure) >= SURE
    later = begin[None, :] - begin[:, None]
    same_onset = both_sure & (np.abs(later) <= NEAR) & (related | (meet & (_each(np.minimum, begin) >= 0)))
    known = _each(np.minimum, sure) > 0
    follows = one_sure & known & related & (later >= -BEFORE) & (later <= AFTER)
    alike = enough & ((related & (agreement >= RELATED)) | (meet & (agreement >= ALIKE)))
    linked: Flags = same_onset | follows | follows.T | alike
    contained = _contained(clusters, slots, begin, sure) & related
    return linked | contained | contained.T


def _each(of: np.ufunc, values: Floats | Ints) -> Floats:
    pairs: Floats = of.outer(values, values)
    return pairs


def _related(clusters: Sequence[Cluster]) -> Flags:
    """Causes and faults go with faults and effects of any kind; two causes only where they are of one kind."""
    role, kind = np.array([each.role for each in clusters]), np.array([each.kind for each in clusters], dtype=object)
    known = role <= EFFECT
    causes = (role[:, None] == CAUSE) & (role[None, :] == CAUSE)
    related: Flags = known[:, None] & known[None, :] & ~(causes & (kind[:, None] != kind[None, :]))
    return related


def _contained(clusters: Sequence[Cluster], slots: Ints, begin: Floats, sure: Floats) -> Flags:
    """Whether the second, an effect, comes while the first, which surely began, lasts; and hardly by chance.

    Where the first began in this window, an effect that knows nothing of it lies within it with the chance that an
    interval within the window does; where it began earlier, within the time that the effect has been watched.
    """
    role = np.array([each.role for each in clusters])
    first, last = (slots > 0).argmax(axis=1), SLOTS - 1 - (slots[:, ::-1] > 0).argmax(axis=1)
    inside = _during(first, last) @ slots.T >= INSIDE * np.maximum(slots.sum(axis=1), 1)
    lasts = last + 1 - np.minimum(begin, first)
    early = (begin < 0)[:, None]
    horizon = np.where(early, np.array([each.watched for each in clusters])[None, :], SLOTS)
    chance = (lasts[:, None] - lasts[None, :]) / np.maximum(horizon - lasts[None, :], 1)
    unknown = early & np.array([not len(each.members) for each in clusters])[None, :]
    not_before = begin[None, :] - begin[:, None] >= -BEFORE
    effects: Flags = (role[:, None] < EFFECT) & (role[None, :] == EFFECT) & (sure[:, None] >= SURE)
    contained: Flags = effects & inside & (unknown | (not_before & (chance <= BY_CHANCE)))
    return contained


def _during(first: Ints, last: Ints) -> Floats:
    """1 in the slots from the first to the last record and a few around them, else 0; (g, 60)."""
    time = np.arange(SLOTS)
    during = (time >= first[:, None] - MARGIN) & (time <= last[:, None] + MARGIN)
    return during.astype(np.float64)
