"""`/timeline`: levels and sentiment over time, with the incidents."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, Response, get

from sllm_core.store import Store
from sllm_core.web.dashboard.addresses import one_of, time_of
from sllm_core.web.dashboard.incident_list import Incident, incidents
from sllm_core.web.dashboard.levels_over_time import OverTime, charts, over_time
from sllm_core.web.dashboard.page import language_of, page
from sllm_core.web.service import Service

RANGES = MappingProxyType(
    {
        "1h": timedelta(hours=1),
        "6h": timedelta(hours=6),
        "1d": timedelta(days=1),
        "7d": timedelta(days=7),
        "30d": timedelta(days=30),
    }
)
MARKED = 100
"""So many incidents are marked and listed."""


@dataclass(frozen=True)
class Mark:
    """Where an incident lies: `left` and `width` in thousandths of the time."""

    incident: Incident
    left: float
    width: float


@dataclass(frozen=True)
class Course:
    """What the page shows of the time from `since` to `until`; `earlier` and `later` are the ends of its neighbours,
    None where there is nothing more."""

    since: datetime
    until: datetime
    counts: OverTime
    marks: list[Mark]
    earlier: datetime | None
    later: datetime | None


@get("/timeline")
async def timeline(request: Request[Any, Any, Any]) -> Response[Any]:
    service: Service = request.app.state["service"]
    zone, query = ZoneInfo(service.settings.timezone), request.query_params
    span, source = one_of(query.get("range", ""), tuple(RANGES), "1d"), query.get("source", "")
    until = time_of(query.get("until", ""))
    sources = [each.source for each in await asyncio.to_thread(service.store.views.spans)]
    arguments = (service.store, RANGES[span], until, source, language_of(request), zone)
    course = await asyncio.to_thread(_course, *arguments) if sources else None
    drawn = None if course is None else charts(course.counts, zone)
    chosen = {"sources": sources, "source": source, "span": span, "ranges": tuple(RANGES)}
    return await page(request, "timeline.html", course=course, charts=drawn, **chosen)


def _course(
    store: Store, width: timedelta, until: datetime | None, source: str, language: str, zone: tzinfo
) -> Course | None:
    spans = [each for each in store.views.spans() if source in ("", each.source)]
    if not spans:
        return None
    first, newest = min(each.first for each in spans), max(each.end for each in spans)
    end = newest if until is None else min(max(until, first + width), newest)
    since = end - width
    counts = over_time(store, since, end, zone, source)
    marks = [_mark(each, since, end) for each in incidents(store, since, end, language, source)[:MARKED]]
    later = min(end + width, newest) if end < newest else None
    return Course(since, end, counts, marks, since if since > first else None, later)


def _mark(incident: Incident, since: datetime, until: datetime) -> Mark:
    whole = until - since
    left = 1000 * max(0.0, (incident.first - since) / whole)
    right = 1000 * min(1.0, (incident.last - since) / whole)
    return Mark(incident, round(min(left, 994), 1), round(max(right - left, 6), 1))


HANDLERS = [timeline]
