"""`POST /analyze`: what lines say that the request brings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal
from zoneinfo import ZoneInfo

from litestar import Litestar, MediaType, Request, Response, post
from litestar.config.app import AppConfig
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.plugins import InitPlugin

from sllm_core.opening import assemble_answering
from sllm_core.web.analysis.desk import Desk, Limits
from sllm_core.web.analysis.lane import Lane
from sllm_core.web.analysis.question import LANGUAGES, OPTIONS, Asking
from sllm_core.web.analyze_schema import analyze_operation, answer_examples
from sllm_core.web.bodies import read_body
from sllm_core.web.problems import wrong
from sllm_core.web.refusals import refusals
from sllm_core.web.scopes import ANALYZE
from sllm_core.web.service import Service

LARGE = 64 << 10
"""Bytes of a body from which on it is taken apart in a thread."""


@dataclass(frozen=True)
class Answer:
    """What the records say, by task. `method` and `model` tell who judged them: the classifier, a language model, or
    humans where they labelled all that decides, with their names as the `model`. `degraded`: not all is as it could be,
    and `reason` says why. `warnings` are about the body."""

    records: int
    language: str
    method: Literal["classifier", "model", "human"]
    model: str | None
    degraded: bool
    reason: str
    warnings: list[str]
    tasks: dict[str, dict[str, Any]]


class AnalyzePart(InitPlugin):
    """The resource: analyzers of its own, in each language."""

    def __init__(self, service: Service) -> None:
        settings, store, runner = service.settings, service.store, service.runner
        section, zone = settings.service, ZoneInfo(settings.timezone)
        limits = Limits(section.queue, section.max_lines, settings.pipeline.analyzer_timeout.total_seconds())

        def lane(name: str) -> Lane:
            made = {each: assemble_answering(settings, store, runner.verdicts, each) for each in LANGUAGES}
            return Lane(name, made, store.patterns, zone, section.max_lines)

        lanes = lane("small"), lane("large")
        self._desk = Desk(lanes, runner.verdicts, runner.reviewer, limits, store.patterns.__len__)
        deadlines = section.deadline.total_seconds(), section.max_deadline.total_seconds()
        self._asking = Asking(lanes[0].names, settings.language, *deadlines, section.max_lines)

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.state["desk"], app_config.state["asking"] = self._desk, self._asking
        app_config.route_handlers.append(self._handler())
        app_config.lifespan = [*(app_config.lifespan or ()), self._open]
        return app_config

    def _handler(self) -> HTTPRouteHandler:
        return post(
            "/analyze",
            status_code=200,
            summary="What lines say: sentiment, anomalies, a summary",
            description="They are judged beside the streams, as they are; nothing of them is kept but their patterns.",
            responses={
                200: ResponseSpec(Answer, description="What they say.", examples=answer_examples()),
                **refusals(400, 409),
            },
            operation_class=analyze_operation(self._asking.tasks, self._asking.longest),
            tags=["analyze"],
            opt={"scope": ANALYZE},
        )(_analyze)

    @asynccontextmanager
    async def _open(self, _: Litestar) -> AsyncIterator[None]:
        async with self._desk.open():
            yield


async def _analyze(request: Request[Any, Any, Any]) -> Response[bytes]:
    state = request.app.state
    service: Service = state["service"]
    body, query = await read_body(request, service.settings.service), _query(request)
    asking: Asking = state["asking"]
    media_type = request.content_type[0]
    if len(body) > LARGE:
        question = await asyncio.to_thread(asking.question, body, media_type, query)
    else:
        question = asking.question(body, media_type, query)
    desk: Desk = state["desk"]
    answer = desk.known(question) or await desk.answer(question)
    return Response(answer, media_type=MediaType.JSON)


def _query(request: Request[Any, Any, Any]) -> Mapping[str, str]:
    """The options in the query.

    Raises:
        Problem: there are others.
    """
    found = request.query_params.dict() if request.scope["query_string"] else {}
    for name in found:
        if name not in OPTIONS:
            raise wrong(name[:100], f"no such parameter; there are {', '.join(OPTIONS)}")
    return {name: ",".join(values) for name, values in found.items()}
