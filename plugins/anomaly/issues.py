"""Candidates clustered into issues."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from sllm_core.buffers import to_arrow, to_numpy
from sllm_core.grouping import among
from sllm_core.records import SLOTS
from sllm_core.store import History
from sllm_core.summaries.issues import SERVER_ERROR
from sllm_core.summaries.window_counts import Ids, Ints, Resolve, settled

from .answers import Outage
from .baseline import Flags
from .clustering import clusters, similarity
from .composition import Composition
from .episodes import SURE, Cluster, episodes
from .evidence import EFFECT, UNKNOWN, role_of
from .issue import Example, Issue, examples_in
from .observation import Observation
from .onset import Onsets, onsets
from .selection import Selection


def issues(chosen: Selection, before: Sequence[History], failing: Outage | None) -> list[Issue]:
    """The candidates, and the answers that fail, clustered into issues, the worst first."""
    every = [*_failing_cluster(chosen.seen, failing, before), *_clusters(chosen, before)]
    parts = [Composition(chosen, _members(each), failing if _fails(each) else None) for each in episodes(every)]
    return [each.issue() for each in sorted(parts, key=lambda each: each.weight, reverse=True)]


def example_records(table: pa.Table, resolve: Resolve, patterns: Ids) -> dict[int, Example]:
    """The first record of each of the patterns in a window."""
    if not len(patterns):
        return {}
    distinct, place = settled(to_numpy(table["pattern"].combine_chunks()), resolve)
    wanted, first = np.unique(place, return_index=True)
    rows = first[among(distinct[wanted], patterns)]
    return dict(zip(distinct[place[rows]].tolist(), examples_in(table.take(to_arrow(rows))), strict=True))


def _clusters(chosen: Selection, before: Sequence[History]) -> list[Cluster]:
    seen, members = chosen.seen, chosen.found.chosen
    if not len(members):
        return []
    services, kinds = chosen.services[members] > 0, chosen.kinds(members)
    near = similarity(chosen.texts(members), seen.slots[members], services, kinds)
    number = clusters(near, seen.config.distance)
    began = onsets(before, seen.baseline.patterns[members], seen.slots[members], seen.log_begin)
    groups = [np.flatnonzero(number == each) for each in dict.fromkeys(number.tolist())]
    return [_cluster(each, chosen, kinds, began, services) for each in groups]


def _cluster(rows: Ints, chosen: Selection, kinds: Sequence[str], began: Onsets, services: Flags) -> Cluster:
    """The candidates in these rows; its onset is that of the patterns that surely began, if most records are theirs."""
    members = chosen.found.chosen[rows]
    counts = chosen.seen.affected[members]
    largest = rows[counts.argmax()]
    sure = began.sure[rows] >= SURE
    fresh = sure.any() and 2 * counts[sure].sum() >= counts.sum()
    leading = rows[sure][began.begin[rows[sure]].argmin()] if fresh else largest
    kind = _leading_kind([kinds[row] for row in rows], counts)
    return Cluster(
        members=members,
        kind=kind,
        role=role_of(kind),
        slots=chosen.seen.slots[members].sum(axis=0),
        begin=float(began.begin[leading]),
        sure=float(began.sure[leading]),
        watched=float(began.watched[largest]),
        services=np.asarray(services[rows].any(axis=0), dtype=bool),
    )


def _leading_kind(kinds: Sequence[str], counts: Ints) -> str:
    """That of the most records; a known kind is preferred."""
    ranked = [(role_of(kind) != UNKNOWN, count, kind) for kind, count in zip(kinds, counts.tolist(), strict=True)]
    return max(ranked)[2]


def _failing_cluster(seen: Observation, failing: Outage | None, before: Sequence[History]) -> list[Cluster]:
    """Answers that fail as a cluster of its own; whether they failed in earlier windows is not known."""
    if failing is None:
        return []
    began = onsets((), np.zeros(1, np.uint64), failing.slots[None, :], 0 if before else seen.log_begin)
    flags = np.array([each in failing.services for each in seen.counted.services], dtype=bool)
    begin, sure, watched = (float(each[0]) for each in (began.begin, began.sure, began.watched))
    early = before and not sure
    nothing = np.empty(0, np.int64)
    begin = -float(SLOTS) if early else begin
    return [Cluster(nothing, SERVER_ERROR, EFFECT, failing.slots, begin, sure, watched, flags)]


def _fails(episode: Sequence[Cluster]) -> bool:
    return any(not len(each.members) for each in episode)


def _members(episode: Sequence[Cluster]) -> Ints:
    return np.concatenate([each.members for each in episode])
