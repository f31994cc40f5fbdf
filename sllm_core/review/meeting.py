"""The patterns of a batch that were not met before: how their records look."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sllm_core.buffers import to_arrow
from sllm_core.grouping import MISSING, among, names
from sllm_core.records import LEVELS, LogBatch
from sllm_core.review.backlog import Waiting

EXAMPLES = 3
"""How many messages of a pattern are kept to be shown, and how many characters of each."""
EXAMPLE = 500

Ints = NDArray[np.int64]


def met(batch: LogBatch, fresh: NDArray[np.uint64]) -> list[Waiting]:
    """One for each of the distinct patterns (n,), from the batch in which it was met first."""
    patterns, place = batch.patterns
    numbers = np.flatnonzero(among(patterns, fresh))
    rows = np.flatnonzero(among(place, numbers.astype(place.dtype)))
    rows = rows[np.argsort(place[rows], kind="stable")]
    begin = np.searchsorted(place[rows], numbers)
    counts = np.diff(begin, append=len(rows))
    levels, services = _levels(batch, rows, begin), _services(batch, rows[begin])
    texts = _texts(batch, rows, begin, counts)
    found = zip(patterns[numbers].tolist(), levels, services, counts.tolist(), texts, strict=True)
    return [Waiting(id, level, service, None, count, None, text) for id, level, service, count, text in found]


def _levels(batch: LogBatch, rows: Ints, begin: Ints) -> list[str | None]:
    """The worst level of the rows of each pattern, which begin where `begin` says."""
    known, place = names(batch.records["level"].combine_chunks().take(to_arrow(rows)))
    worth = np.array([*(LEVELS.index(each) if each in LEVELS else MISSING for each in known), MISSING])
    worst = np.maximum.reduceat(worth[place], begin).tolist()
    return [None if each == MISSING else LEVELS[each] for each in worst]


def _services(batch: LogBatch, rows: Ints) -> list[str | None]:
    known, place = names(batch.records["service"].combine_chunks().take(to_arrow(rows)))
    return [None if each == MISSING else known[each] for each in place.tolist()]


def _texts(batch: LogBatch, rows: Ints, begin: Ints, counts: Ints) -> list[tuple[str, ...]]:
    """The first, the middle and the last message of each pattern, each once."""
    chosen = begin + np.linspace(0, counts - 1, EXAMPLES).astype(np.int64)
    messages: pa.Array = batch.records["message"].combine_chunks().take(to_arrow(rows[chosen.ravel()]))
    table = np.array([each.as_py() or "" for each in messages], object).reshape(EXAMPLES, -1)
    return [tuple(dict.fromkeys(text[:EXAMPLE] for text in column if text)) for column in table.T]
