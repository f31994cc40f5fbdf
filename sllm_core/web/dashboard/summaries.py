"""`/summaries`: what happened in each window, by service."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from litestar import Request, Response, get

from sllm_core.findings import Finding
from sllm_core.store import Store
from sllm_core.summaries import catalogue, describe, merge_facts
from sllm_core.web.dashboard.addresses import time_of
from sllm_core.web.dashboard.page import language_of, page
from sllm_core.web.dashboard.service_text import service_text
from sllm_core.web.dashboard.service_view import SHARDS, ServiceView, service_view
from sllm_core.web.dashboard.summary_text import summary_text
from sllm_core.web.service import Service

LISTED = 48
"""So many windows are offered beside the one that is shown."""

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class SummaryView:
    """The summary of one window: its text and its facts, all shards together, and the windows before and after it."""

    window: Span
    text: str
    facts: Mapping[str, Any]
    told_by: str | None
    findings: list[Finding]
    spans: list[Span]
    earlier: datetime | None
    later: datetime | None


@get("/summaries")
async def summaries(request: Request[Any, Any, Any]) -> Response[Any]:
    service: Service = request.app.state["service"]
    query, language = request.query_params, language_of(request)
    source, at = query.get("source", ""), time_of(query.get("at", ""))
    view = await asyncio.to_thread(_view, service.store, at, source, language)
    sources = [each.source for each in await asyncio.to_thread(service.store.views.spans)]
    told = {"kind_title": partial(catalogue().title, language=language), "sources": sources, "source": source}
    chosen = query.get("service", "")
    shown = await asyncio.to_thread(_service, service, view, chosen, source) if view and chosen else None
    told |= {"service": shown, "said": shown and view and service_text(shown, view.window, language)}
    told |= {"services": _services(view, chosen)}
    return await page(request, "summaries.html", view=view, **told)


def _service(service: Service, view: SummaryView, name: str, source: str) -> ServiceView:
    compared = view.facts.get("before") is not None
    return service_view(service.store, service.runner.verdicts, name, view.window, source, compared)


def _services(view: SummaryView | None, chosen: str) -> list[str]:
    """The services of the window that are named, and the one that was asked for."""
    named = [str(each["name"]) for each in (view.facts.get("services") or () if view else ()) if each["name"]]
    return [*named, *([chosen] if chosen and chosen not in named else [])]


def _view(store: Store, at: datetime | None, source: str, language: str) -> SummaryView | None:
    """The window that begins at that time, or the last before it; None where there is no summary at all."""
    spans = store.views.spans()
    if not spans:
        return None
    first, last = min(each.first for each in spans), max(each.last for each in spans)
    until = min(last, max(at or last, first)) + timedelta(microseconds=1)
    newest = store.views.findings("summary", first, until, source=source, limit=1)
    if not newest or newest[0].window is None:
        return None
    window = newest[0].window
    shards = store.views.findings("summary", window[0], _behind(window[0]), source=source, limit=SHARDS)
    starts = store.views.starts("summary", window[0], source, LISTED)
    text, facts = _together(shards, language, window)
    return SummaryView(
        window,
        text,
        facts,
        shards[0].told_by if len(shards) == 1 and shards[0].language == language else None,
        shards,
        [(each, each + (window[1] - window[0])) for each in starts],
        max((each for each in starts if each < window[0]), default=None),
        min((each for each in starts if each > window[0]), default=None),
    )


def _together(shards: Sequence[Finding], language: str, window: Span) -> tuple[str, Mapping[str, Any]]:
    if len(shards) == 1:
        return summary_text(shards[0], language), shards[0].facts
    facts = merge_facts([each.facts for each in shards])
    return describe(facts, language, *window), facts


def _behind(time: datetime) -> datetime:
    return time + timedelta(microseconds=1)


HANDLERS = [summaries]
