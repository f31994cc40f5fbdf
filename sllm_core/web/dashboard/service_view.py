"""What one service did in a window, from what was counted of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from sllm_core.classifier import Verdicts
from sllm_core.findings import pattern_name
from sllm_core.records import Window
from sllm_core.store import Store
from sllm_core.summaries import catalogue
from sllm_core.summaries.ranking import ranking
from sllm_core.summaries.window_counts import judged_severities, window_counts
from sllm_core.web.dashboard.anomaly_view import template_of

LISTED = 10
"""So many kinds of error and patterns are listed."""

KINDS = 200
"""Of so many failing patterns, the most frequent first, the kind is looked up; the others' errors have none."""

SHARDS = 500
"""So many shards of a window are put together."""


@dataclass(frozen=True)
class Tally:
    """Records of a service, and how bad they are; `whole` are those of all services; errors and all by pattern."""

    records: int = 0
    errors: int = 0
    warnings: int = 0
    whole: int = 0
    failing: Mapping[int, int] = field(default_factory=dict)
    patterns: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ServiceView:
    """A service in a window; `before` is the window before, None where it does not compare. `error_kinds` and
    `patterns` are rankings, by `count`."""

    name: str
    records: int
    errors: int
    warnings: int
    share: float
    before: Tally | None
    error_kinds: Sequence[Mapping[str, Any]]
    patterns: Sequence[Mapping[str, Any]]

    @property
    def change(self) -> float | None:
        """Of its records against the window before, as a share of those; None where there were none."""
        return self.records / self.before.records - 1 if self.before and self.before.records else None


def service_view(
    store: Store, verdicts: Verdicts, name: str, window: tuple[datetime, datetime], source: str, compared: bool
) -> ServiceView:
    """The service in the window of one source, or of all (""); `compared`: with the window before, if it is there."""
    start, width = window[0], window[1] - window[0]
    now = _tally(_counted(store, start, source), name, store, verdicts)
    earlier = [each for each in _counted(store, start - width, source) if each.end == start] if compared else []
    return ServiceView(
        name,
        now.records,
        now.errors,
        now.warnings,
        now.records / now.whole if now.whole else 0.0,
        _tally(earlier, name, store, verdicts) if earlier else None,
        ranking(_kinds(store, now.failing), "count", LISTED),
        ranking(_patterns(store, now.patterns), "count", LISTED),
    )


def _counted(store: Store, start: datetime, source: str) -> list[Window]:
    behind = start + timedelta(microseconds=1)
    sources = [source] if source else [each.source for each in store.views.spans()]
    return [window for each in sources for window in store.views.counted(each, start, behind, SHARDS)]


def _tally(windows: Iterable[Window], name: str, store: Store, verdicts: Verdicts) -> Tally:
    whole, totals = 0, np.zeros(3, np.int64)
    failing, patterns = dict[int, int](), dict[int, int]()
    for each in windows:
        t = window_counts(each, store.patterns.resolve)
        whole += t.records
        if name not in t.services:
            continue
        mine, severity = t.service == t.services.index(name), judged_severities(t, verdicts)[t.pairs.of_row]
        totals += t.total(severity, 3, mine)
        _add(failing, t.patterns, t.total(t.pattern, len(t.patterns), mine & (severity == 2)))
        _add(patterns, t.patterns, t.total(t.pattern, len(t.patterns), mine))
    return Tally(int(totals.sum()), int(totals[2]), int(totals[1]), whole, failing, patterns)


def _add(
    totals: dict[int, int], ids: np.ndarray[Any, np.dtype[np.uint64]], counts: np.ndarray[Any, np.dtype[np.int64]]
) -> None:
    for id, count in zip(ids[counts > 0].tolist(), counts[counts > 0].tolist(), strict=True):
        totals[id] = totals.get(id, 0) + count


def _kinds(store: Store, failing: Mapping[int, int]) -> Iterator[dict[str, Any]]:
    ranked = sorted(failing.items(), key=lambda each: (-each[1], each[0]))
    for id, count in ranked[:KINDS]:
        yield {"name": catalogue().kind(template_of(store, id)), "count": count}
    for _, count in ranked[KINDS:]:
        yield {"name": None, "count": count}


def _patterns(store: Store, counts: Mapping[int, int]) -> list[dict[str, Any]]:
    """The largest, with their templates."""
    ranked = sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:LISTED]
    return [{"name": pattern_name(id), "template": template_of(store, id), "count": count} for id, count in ranked]
