"""`GET /patterns`: the kinds of records that closed windows had."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

import numpy as np
from litestar import Controller, Request, get
from litestar.config.app import AppConfig
from litestar.params import FromQuery, QueryParameter
from litestar.plugins import InitPlugin

from sllm_core.classifier import NOBODY, Verdicts
from sllm_core.findings import pattern_name
from sllm_core.store import Store
from sllm_core.web.refusals import refusals
from sllm_core.web.service import Service

FRESH = 5.0
"""For how many seconds a list is good enough: to make one takes time that the streams need."""

Sort = Literal["count", "last", "first"]


@dataclass
class Seen:
    """When a pattern was seen, and where; `template` is its text."""

    template: str
    count: int
    first: datetime
    last: datetime
    sources: set[str]


@dataclass(frozen=True)
class PatternEntry:
    """A pattern: how many records closed windows had of it, from when to when, and the verdict on it. `problem` is the
    probability that such a record tells of trouble."""

    id: str
    template: str
    example: str
    sources: list[str]
    count: int
    first: datetime
    last: datetime
    sentiment: str
    severity: str
    problem: float
    method: str


@dataclass(frozen=True)
class Patterns:
    """Patterns as sorted; `next` is the cursor of the next page, null at the end; `total` how many there are."""

    patterns: list[PatternEntry]
    next: int | None
    total: int


class Listing:
    """What was seen of each pattern, as of a few seconds ago."""

    def __init__(self, store: Store, verdicts: Verdicts) -> None:
        self._store, self._verdicts = store, verdicts
        self._seen: dict[int, Seen] = {}
        self._made = -FRESH

    def page(self, source: str | None, search: str, sort: Sort, start: int, limit: int) -> Patterns:
        """A page of those of a source that have a text in their templates, in any case."""
        if time.monotonic() - self._made >= FRESH:
            self._seen, self._made = self._all(), time.monotonic()
        chosen = [
            (id, each)
            for id, each in self._seen.items()
            if (source is None or source in each.sources) and search.casefold() in each.template.casefold()
        ]
        chosen.sort(key=lambda pair: (getattr(pair[1], sort), pair[0]), reverse=True)
        page = chosen[start : start + limit]
        further = start + limit if start + limit < len(chosen) else None
        return Patterns(self._entries(page), further, len(chosen))

    def _all(self) -> dict[int, Seen]:
        sightings, table, found = self._store.pages.sightings(), self._store.patterns, dict[int, Seen]()
        ids = table.resolve(np.array([each.pattern for each in sightings], np.uint64)).tolist()
        for id, each in zip(ids, sightings, strict=True):
            seen = found.get(id)
            if seen is None:
                found[id] = Seen(table.template(id), each.count, each.first, each.last, {each.source})
                continue
            seen.count += each.count
            seen.first, seen.last = min(seen.first, each.first), max(seen.last, each.last)
            seen.sources.add(each.source)
        return found

    def _entries(self, page: list[tuple[int, Seen]]) -> list[PatternEntry]:
        ids = np.array([id for id, _ in page], np.uint64)
        judged = self._verdicts.judge(ids, [None] * len(ids))
        labelled = (judged.labeller != NOBODY).any(axis=1)
        columns = (judged.sentiment_labels, judged.severity_labels, judged.problem, judged.by_model, labelled)
        return [
            PatternEntry(
                pattern_name(id),
                seen.template,
                self._store.patterns.example(id),
                sorted(seen.sources),
                seen.count,
                seen.first,
                seen.last,
                str(sentiment),
                str(severity),
                round(float(problem), 4),
                "human" if by_human else "model" if by_model else "classifier",
            )
            for (id, seen), sentiment, severity, problem, by_model, by_human in zip(page, *columns, strict=True)
        ]


class PatternsPart(InitPlugin):
    """The resource, on the store of a service."""

    def __init__(self, service: Service) -> None:
        self._listing = Listing(service.store, service.runner.verdicts)

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.state["listing"] = self._listing
        app_config.route_handlers.append(PatternsController)
        return app_config


class PatternsController(Controller):
    """The kinds of records."""

    path = "/patterns"
    tags = ("patterns",)

    @get("/", summary="Patterns of closed windows, with the verdicts on them", responses=refusals(400, body=False))
    async def page(
        self,
        request: Request[Any, Any, Any],
        source: FromQuery[str | None] = None,
        search: Annotated[str, QueryParameter(max_length=200)] = "",
        sort: FromQuery[Sort] = "count",
        limit: Annotated[int, QueryParameter(ge=1, le=500)] = 50,
        cursor: Annotated[int, QueryParameter(ge=0, le=1 << 31)] = 0,
    ) -> Patterns:
        listing: Listing = request.app.state["listing"]
        return await asyncio.to_thread(listing.page, source, search, sort, cursor, limit)
