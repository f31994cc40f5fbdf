"""When each pattern began, and how sure it is that it was not there before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sllm_core.records import SLOTS
from sllm_core.store import History
from sllm_core.summaries.window_counts import Ids, Ints

from .baseline import Flags, Floats, counts_of

RECENT = 48
"""How many earlier windows are looked back on."""

QUIET = 4
"""For how many slots a pattern must have been absent before anything is said about its onset."""

RECURRING = 0.1
"""In which share of the earlier windows a pattern must have been for another onset to say nothing."""


@dataclass(frozen=True)
class Onsets:
    """Of n patterns, in slots since the start of the window (below 0: in an earlier window, at its start).

    `begin` is when the present run of records began, `sure` the probability that it did not begin by chance (0: nothing
    is known, or the pattern comes and goes), and
    `watched` how long, from the end of the time without records back to now, it is known to be there or not.
    """

    begin: Floats
    sure: Floats
    watched: Floats


def onsets(before: Sequence[History], patterns: Ids, slots: Ints, log_begin: int) -> Onsets:
    """The onsets of patterns with `slots` (n, 60) in this window; `log_begin`: the slot of the log's first record.

    Had the records come at random times, the chance that none falls into the quiet time before the first is the share
    of the remaining time to the power of their number.
    """
    order = np.argsort(patterns)
    present = np.empty((len(before[-RECENT:]), len(patterns)), dtype=bool)
    present[:, order] = counts_of(before[-RECENT:], patterns[order]) > 0
    run, gap = _run_and_gap(present)
    earlier = (present.sum(axis=0) - run) / np.maximum(len(present) - run, 1)
    first = np.where(slots.any(axis=1), (slots > 0).argmax(axis=1), SLOTS)
    start = log_begin if not len(present) else 0
    quiet = SLOTS * gap + np.where(run > 0, 0, first - start)
    active = np.where(run > 0, SLOTS * (run + 1), SLOTS - first)
    watched = np.maximum(quiet + active, 1).astype(float)
    chance = (active / watched) ** (slots.sum(axis=1) + run)
    sure = np.where((quiet >= QUIET) & (earlier < RECURRING), 1 - chance, 0.0)
    return Onsets(np.where(run > 0, -SLOTS * run, first).astype(float), sure, watched)


def _run_and_gap(present: Flags) -> tuple[Ints, Ints]:
    """For how many of the windows (w, n), back from the last, each was there; and was not before that."""
    windows = np.arange(len(present))[:, None]
    backward = present[::-1]
    run = np.where(~backward, windows, len(present)).min(axis=0, initial=len(present))
    earlier = np.where(backward & (windows >= run), windows, len(present)).min(axis=0, initial=len(present))
    return run, earlier - run
