"""`/anomalies/{id}`: one finding with its evidence, what was computed, and what people say of it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from sllm_core.classifier.judgement import SEVERITIES
from sllm_core.summaries import catalogue
from sllm_core.translation import Translator
from sllm_core.web.dashboard.anomaly_view import LANES, anomaly_view
from sllm_core.web.dashboard.giving import give, statement
from sllm_core.web.dashboard.page import language_of, page
from sllm_core.web.dashboard.summary_text import summary_text
from sllm_core.web.problems import Problem
from sllm_core.web.scopes import ANALYZE
from sllm_core.web.service import Service

GONE = "there is no anomaly of this id, or none any more"


@get("/anomalies/{id:str}")
async def anomaly(request: Request[Any, Any, Any], id: FromPath[str]) -> Response[Any]:
    service: Service = request.app.state["service"]
    translator = Translator(service.runner.assembly.analyzers, language_of(request))
    zone = ZoneInfo(service.settings.timezone)
    view = await asyncio.to_thread(anomaly_view, service.store, id, translator, zone)
    if view is None:
        raise Problem(404, GONE)
    given = await asyncio.to_thread(service.learning.feedback.about, id)
    thanks = request.query_params.get("given") == "1"
    told = {
        "kind_title": partial(catalogue().title, language=language_of(request)),
        "lanes": LANES,
        "labels": SEVERITIES,
    }
    summary = view.summary and summary_text(view.summary, language_of(request))
    return await page(request, "anomaly.html", view=view, summary=summary, given=given, thanks=thanks, **told)


@post("/anomalies/{id:str}/feedback", opt={"scope": ANALYZE}, status_code=303)
async def give_feedback(request: Request[Any, Any, Any], id: FromPath[str]) -> Response[Any]:
    """Keep what was said; the page then shows it, so that to load it again sends nothing again."""
    await give(request, statement(request, "anomaly", finding=id), GONE)
    return Redirect(f"/anomalies/{id}?given=1#feedback", status_code=303)


HANDLERS = [anomaly, give_feedback]
