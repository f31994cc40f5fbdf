"""`GET /findings`: what was found, by pages, one by one, and as it comes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from litestar import Controller, Request, get
from litestar.config.app import AppConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.plugins import InitPlugin
from litestar.response import Stream

from sllm_core.findings import Finding
from sllm_core.store.pages import Pages, Wanted
from sllm_core.web.feed import Feed
from sllm_core.web.problems import Problem, wrong
from sllm_core.web.refusals import refusals
from sllm_core.web.scopes import while_admitted
from sllm_core.web.service import Service

Names = FromQuery[list[str] | None]
Time = FromQuery[datetime | None]
Limit = Annotated[int, QueryParameter(ge=1, le=500)]
Place = Annotated[int | None, QueryParameter(ge=0, le=1 << 62)]


@dataclass(frozen=True)
class Findings:
    """Findings, the latest first; `next` is the cursor of the next page, null at the end. A page may have fewer than
    were asked for, and yet a next."""

    findings: list[dict[str, Any]]
    next: int | None


class FindingsPart(InitPlugin):
    """The resource, on the store of a service."""

    def __init__(self, service: Service) -> None:
        self._pages = service.store.pages
        self._feed = Feed(self._pages, service.stopping)

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.state["pages"], app_config.state["feed"] = self._pages, self._feed
        app_config.route_handlers.append(FindingsController)
        return app_config


class FindingsController(Controller):
    """What was found."""

    path = "/findings"
    tags = ("findings",)

    @get("/", summary="Findings, the latest first", responses=refusals(400, body=False))
    async def page(
        self,
        request: Request[Any, Any, Any],
        analyzer: Names = None,
        label: Names = None,
        source: Names = None,
        since: Time = None,
        until: Time = None,
        limit: Limit = 50,
        cursor: Place = None,
    ) -> Findings:
        wanted = _wanted(request, analyzer, label, source, since, until)
        pages: Pages = request.app.state["pages"]
        page = await asyncio.to_thread(pages.findings, wanted, cursor, limit)
        return Findings([each.to_json() for _, each in page.findings], page.next)

    @get("/{id:str}", summary="One finding", responses=refusals(404, body=False))
    async def one(self, request: Request[Any, Any, Any], id: FromPath[str]) -> dict[str, Any]:
        service: Service = request.app.state["service"]
        found: tuple[str, Finding] | None = await asyncio.to_thread(service.store.revisions.finding, id)
        if found is None:
            raise Problem(404, "there is no finding of this id, or none any more")
        return found[1].to_json()

    @get(
        "/events",
        summary="Findings as they come, as Server-Sent Events",
        description="A client that returns with `Last-Event-ID` gets what it missed.",
        responses={
            200: ResponseSpec(
                str, description="Events `finding`, with findings as JSON.", media_type="text/event-stream"
            ),
            **refusals(400, body=False),
        },
        opt={"browser": "events"},
    )
    async def events(
        self,
        request: Request[Any, Any, Any],
        analyzer: Names = None,
        label: Names = None,
        source: Names = None,
    ) -> Stream:
        wanted, feed = _wanted(request, analyzer, label, source), request.app.state["feed"]
        events = while_admitted(request, feed.events(wanted, _last_event(request)))
        return Stream(events, media_type="text/event-stream")


def _wanted(
    request: Request[Any, Any, Any],
    analyzer: list[str] | None,
    label: list[str] | None,
    source: list[str] | None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Wanted:
    """What is asked for; times without zone are in that of the configuration."""
    service: Service = request.app.state["service"]
    zone = ZoneInfo(service.settings.timezone)
    times = [each if each is None or each.tzinfo else each.replace(tzinfo=zone) for each in (since, until)]
    return Wanted(tuple(analyzer or ()), tuple(label or ()), tuple(source or ()), *times)


def _last_event(request: Request[Any, Any, Any]) -> int | None:
    given = request.headers.get("last-event-id", "")
    if given and not (given.isascii() and given.isdigit() and len(given) < 19):
        raise wrong("Last-Event-ID", "expected the id of an event of this stream")
    return int(given) if given else None
