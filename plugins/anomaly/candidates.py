"""Which patterns of a window stand out, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sllm_core.records import SLOTS
from sllm_core.summaries.window_counts import MISSING, WARN, Ints

from .baseline import FEW, REGULAR, SOME, Flags, Floats, quantiles
from .evidence import CRITICAL, EVERYDAY, NORMAL, NOVELTY, UNKNOWN, WARNING
from .observation import Observation

DROP = 0.25
"""What remains, as a share of the least that there ever was, when regular records count as gone missing."""

PARTS, ORDINARY = 3, 0.05
"""In how many equal parts of the log each, and up to which share of its records, warnings are steady."""

RECURRING = 0.2
"""In which share of earlier windows a problem must have been to be an old one; it must have been in FEW."""

BURST = 10
"""How many times the median slot the fullest has at least in a burst; and it has BURST_RECORDS."""
BURST_RECORDS = 50


@dataclass(frozen=True)
class Reasons:
    """Why patterns stand out; one flag for each pattern, under the names that `facts["reason"]` has."""

    problem: Flags
    new: Flags
    surge: Flags
    drop: Flags
    burst: Flags
    ongoing: Flags

    def of(self, index: int) -> list[str]:
        """The names of the reasons why one pattern stands out."""
        return [name for name, flags in vars(self).items() if flags[index]]


@dataclass(frozen=True)
class Candidates:
    """The patterns that stand out: positions by falling score, and of all patterns label, score and reasons.

    `by_rules` marks those whose label does not come from the classifier; `unlisted` are positions beyond the cap;
    `steady` marks ordinary warnings that come all the time.
    """

    chosen: Ints
    unlisted: Ints
    label: Ints
    by_rules: Flags
    score: Floats
    reasons: Reasons
    steady: Flags


def candidates(seen: Observation) -> Candidates:
    """What stands out of a window.

    Critical patterns always do; other problems where they are not there at the same rate as ever; harmless patterns
    where they surge, burst or go missing; and new ones that the classifier is not sure about where new ones are rare.
    """
    deviation = seen.baseline.deviation(seen.count)
    known, steady = _known(seen, deviation), _steady(seen)
    strange = seen.new & (seen.label == NORMAL) & _odd(seen)
    surge, drop, burst = _surge(seen, deviation), _drop(seen, deviation), _burst(seen)
    problem = (seen.label == CRITICAL) | ((seen.label == WARNING) & ~known & ~steady)
    by_rules = ~problem & (strange | surge | drop | burst)
    label = np.where(problem, seen.label, np.where(by_rules, WARNING, NORMAL))
    score = label + seen.problem + np.log10(1 + seen.count) / 10 + np.clip(np.abs(deviation), 0, 100) / 200
    chosen = np.flatnonzero(label > NORMAL)
    chosen = chosen[np.lexsort((seen.baseline.patterns[chosen], -score[chosen]))]
    reasons = Reasons(problem, seen.new & (label > NORMAL), surge, drop, burst, problem & known)
    limit = seen.config.candidates
    return Candidates(chosen[:limit], chosen[limit:], label, by_rules, score, reasons, steady)


def _odd(seen: Observation) -> Flags:
    """What the classifier is not sure about, the less so the rarer new patterns are."""
    if seen.baseline.novelty < 0.5:
        return np.zeros(len(seen.doubtful), dtype=bool)
    odd: Flags = (seen.doubtful > 0) & (seen.doubtful + NOVELTY * seen.baseline.novelty >= seen.config.warning)
    return odd


def _known(seen: Observation, deviation: Floats) -> Flags:
    """What has come again and again in earlier windows, and is not raised."""
    usual = seen.baseline
    if usual.windows < FEW:
        return np.zeros(len(usual.patterns), dtype=bool)
    raised = (deviation >= seen.config.raised) & (seen.count > 1.25 * usual.highest)
    recurring = usual.presence >= np.maximum(RECURRING, FEW / usual.windows)
    known: Flags = recurring & ~raised
    return known


def _steady(seen: Observation) -> Flags:
    """Where hardly any history is there: a few ordinary warnings that come from the begin of the log to its end."""
    if seen.baseline.windows >= FEW:
        return np.zeros(len(seen.label), dtype=bool)
    ordinary = (seen.label == WARNING) & ((seen.roles == EVERYDAY) | (seen.roles == UNKNOWN))
    active = np.flatnonzero(seen.slots.any(axis=0))
    parts = np.array_split(np.arange(active[0], active[-1] + 1) if len(active) else active, PARTS)
    throughout = np.all([seen.slots[:, each].any(axis=1) for each in parts], axis=0)
    few = seen.count <= ORDINARY * seen.counted.records
    steady: Flags = ordinary & ((seen.levels == WARN) | (seen.levels == MISSING)) & throughout & few
    return steady


def _surge(seen: Observation, deviation: Floats) -> Flags:
    """Far above the usual and about twice what there ever was, or more where few windows are known."""
    usual = seen.baseline
    if usual.windows < SOME:
        return np.zeros(len(usual.patterns), dtype=bool)
    weighed = deviation * np.where(usual.highest == 0, usual.novelty, 1)
    more = seen.count - usual.usual >= seen.config.least
    surge: Flags = more & (weighed >= seen.config.surge) & (seen.count >= 2 * (1 + 2 / usual.windows) * usual.highest)
    return surge


def _drop(seen: Observation, deviation: Floats) -> Flags:
    """Regular records that are missing, or nearly so, from a window that is over."""
    usual = seen.baseline
    if usual.windows < SOME or not seen.whole:
        return np.zeros(len(usual.patterns), dtype=bool)
    regular = (usual.presence >= REGULAR) & (usual.usual >= seen.config.least)
    drop: Flags = regular & (seen.count <= DROP * usual.lowest) & (deviation <= -seen.config.surge / 2)
    return drop


def _burst(seen: Observation) -> Flags:
    """Where hardly any history is there: patterns that come steadily and then, in one slot, many times as often."""
    if seen.baseline.windows >= FEW:
        return np.zeros(len(seen.baseline.patterns), dtype=bool)
    active = np.flatnonzero(seen.slots.any(axis=0))
    if len(active) < SLOTS // 6:
        return np.zeros(len(seen.baseline.patterns), dtype=bool)
    slots = seen.slots[:, active[0] : active[-1] + 1]
    median, peak = np.median(slots, axis=1), slots.max(axis=1)
    spread = np.sqrt(median + np.subtract(*quantiles(slots.T, 0.75, 0.25)) ** 2 + 1)
    burst: Flags = (median >= 1) & (peak >= BURST_RECORDS) & (peak >= BURST * median) & (peak - median >= 8 * spread)
    return burst
