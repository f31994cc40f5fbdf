"""All that a page tells of one pattern, out of the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

import numpy as np

from sllm_core.moments import microseconds
from sllm_core.report.observation import window_counts
from sllm_core.store import Store
from sllm_core.store.views import SourceSpan
from sllm_core.web.dashboard.kind_list import KindList
from sllm_core.web.dashboard.kind_table import Kind
from sllm_core.web.dashboard.levels_over_time import EXACT, Chart, Series, chart

EXAMPLES = 10
"""So many records are shown."""

PIECES = 60
"""So many columns has its course."""


@dataclass(frozen=True)
class KindView:
    """A pattern with its course over the last day of its sources, and examples: when, where, and the text."""

    kind: Kind
    chart: Chart | None
    examples: list[tuple[datetime | None, str, str]]


def kind_view(store: Store, listed: KindList, pattern: int, zone: tzinfo) -> KindView | None:
    """What there is to tell; None where no closed window had the pattern."""
    id = int(store.patterns.resolve(np.array([pattern], np.uint64))[0])
    shown = listed.snapshot().kind(id)
    if shown is None:
        return None
    spans = [each for each in store.views.spans() if each.source in shown.sources]
    found = [each for span in spans for each in store.views.examples(id, span.source)][:EXAMPLES]
    examples = found or [(None, "", store.patterns.example(id))]
    return KindView(shown, _course(store, id, spans, zone), examples)


def _course(store: Store, pattern: int, spans: list[SourceSpan], zone: tzinfo) -> Chart | None:
    """Its records over the day that ends with the last window, by the slots of up to EXACT windows of each source."""
    if not spans:
        return None
    end = max(each.end for each in spans)
    windows = [each for span in spans for each in store.views.counted(span.source, end - timedelta(days=1), end, EXACT)]
    start = min((each.start for each in windows), default=end - timedelta(days=1))
    low, step = microseconds(start), max(microseconds(end) - microseconds(start), PIECES)
    totals = np.zeros(PIECES)
    for each in map(window_counts, windows):
        rows = each.pattern == np.uint64(pattern)
        places = np.clip((each.time[rows] - low) * PIECES // step, 0, PIECES - 1)
        totals += np.bincount(places, each.count[rows], PIECES)
    return chart(Series(low, step // PIECES, PIECES, {"trend": [int(each) for each in totals]}), zone)
