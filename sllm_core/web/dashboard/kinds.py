"""`/kinds`: the patterns of log records, and each of them."""

from __future__ import annotations

import asyncio
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from sllm_core.classifier.judgement import SENTIMENTS, SEVERITIES
from sllm_core.store.findings import PATTERN_NAME
from sllm_core.web.dashboard.addresses import number_of, one_of
from sllm_core.web.dashboard.forms import form_of
from sllm_core.web.dashboard.giving import give, statement
from sllm_core.web.dashboard.kind_list import SORTS, Asked, KindList
from sllm_core.web.dashboard.kind_view import kind_view
from sllm_core.web.dashboard.page import page
from sllm_core.web.problems import Problem
from sllm_core.web.scopes import ANALYZE
from sllm_core.web.service import Service

GONE = "there is no pattern of this id, or none any more"

SIZE = 50
"""So many patterns stand on a page."""

SEARCHED = 200


@get("/kinds")
async def kinds(request: Request[Any, Any, Any]) -> Response[Any]:
    asked, listed = _asked(request), _list_of(request)
    found = await asyncio.to_thread(listed.page, asked, SIZE)
    service: Service = request.app.state["service"]
    sources = [each.source for each in await asyncio.to_thread(service.store.views.spans)]
    choices = {"severities": SEVERITIES, "moods": SENTIMENTS, "sorts": SORTS, "sources": sources}
    return await page(request, "kinds.html", found=found, asked=asked, **choices)


@get("/kinds/{name:str}")
async def kind(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
    service: Service = request.app.state["service"]
    zone = ZoneInfo(service.settings.timezone)
    found = await asyncio.to_thread(kind_view, service.store, _list_of(request), _id(name), zone)
    if found is None:
        raise Problem(404, GONE)
    thanks = request.query_params.get("given") == "1"
    choices = {"severities": SEVERITIES, "moods": SENTIMENTS, "thanks": thanks}
    return await page(request, "kind.html", view=found, kind=found.kind, **choices)


@post("/kinds/{name:str}/feedback", opt={"scope": ANALYZE}, status_code=303)
async def give_feedback(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
    """Keep what a pattern should be; it holds from then on."""
    task = form_of(request).text("task")
    await give(request, statement(request, task, pattern=_id(name)), GONE)
    _list_of(request).renew()
    return Redirect(f"/kinds/{name}?given=1#feedback", status_code=303)


def _id(name: str) -> int:
    """The id in an address.

    Raises:
        Problem: it is none.
    """
    if not PATTERN_NAME.fullmatch(name):
        raise Problem(404, GONE)
    return int(name, 16)


def _asked(request: Request[Any, Any, Any]) -> Asked:
    """What the address asks for."""
    query = request.query_params
    return Asked(
        query.get("search", "")[:SEARCHED],
        one_of(query.get("severity", ""), SEVERITIES),
        one_of(query.get("sentiment", ""), SENTIMENTS),
        query.get("source", ""),
        one_of(query.get("sort", ""), SORTS, SORTS[0]),
        number_of(query.get("page", "")),
    )


def _list_of(request: Request[Any, Any, Any]) -> KindList:
    """The one of this application."""
    state = request.app.state
    if "kind_list" not in state:
        service: Service = state["service"]
        state["kind_list"] = KindList(service.store, service.runner.verdicts)
    found: KindList = state["kind_list"]
    return found


HANDLERS = [kinds, kind, give_feedback]
