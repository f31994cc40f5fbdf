"""`POST /feedback`: what humans say of verdicts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from litestar import Controller, Request, Response, get, post
from litestar.config.app import AppConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromQuery, QueryParameter
from litestar.plugins import InitPlugin

from sllm_core.findings import pattern_name
from sllm_core.learning.feedback import Feedback, FeedbackError
from sllm_core.store import StoreError
from sllm_core.web.feedback_schema import FeedbackOperation, read_feedback
from sllm_core.web.problems import Fault, Problem, busy
from sllm_core.web.refusals import refusals
from sllm_core.web.scopes import ANALYZE, client_name
from sllm_core.web.service import Service

Limit = Annotated[int, QueryParameter(ge=1, le=500)]
Place = Annotated[int | None, QueryParameter(ge=0, le=1 << 62)]


@dataclass(frozen=True)
class FeedbackEntry:
    """A statement: who gave it, when and by which way; `was` is the verdict that it is about, `reaches` the pattern
    whose verdict follows it, null where it follows for the finding alone or for nothing; `text` what a summary should
    have told, or told where it is right, "" for verdicts."""

    id: str
    at: datetime
    by: str
    via: str
    task: str
    finding: str | None
    pattern: str | None
    right: bool | None
    label: str | None
    was: str
    note: str
    reaches: str | None
    text: str


@dataclass(frozen=True)
class FeedbackPage:
    """Statements, the latest first; `next` is the cursor of the next page, null at the end."""

    feedback: list[FeedbackEntry]
    next: int | None


class FeedbackPart(InitPlugin):
    """The resource, on the learning of a service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.state["service"] = self._service
        app_config.route_handlers.append(FeedbackController)
        return app_config


class FeedbackController(Controller):
    """What humans said."""

    path = "/feedback"
    tags = ("feedback",)

    @post(
        "/",
        status_code=201,
        summary="Say what a verdict should have been",
        description="It holds at once. Of several statements by the same key about the same thing the last holds.",
        responses={201: ResponseSpec(FeedbackEntry, description="It is stored."), **refusals(400, 404)},
        operation_class=FeedbackOperation,
        opt={"scope": ANALYZE},
    )
    async def give(self, request: Request[Any, Any, Any]) -> Response[FeedbackEntry]:
        service: Service = request.app.state["service"]
        feedback = await read_feedback(request, service.settings.service, client_name(request))
        try:
            given = await asyncio.to_thread(service.learning.feedback.give, feedback)
        except FeedbackError as error:
            fault = Fault(error.field, error.detail)
            raise Problem(404 if error.missing else 400, str(error), [fault]) from error
        except StoreError as error:
            raise busy("the store refused; the log of the service says why", 30) from error
        return Response(shown(given), status_code=201)

    @get("/", summary="What humans said, the latest first", responses=refusals(400, body=False))
    async def page(
        self,
        request: Request[Any, Any, Any],
        finding: FromQuery[str | None] = None,
        limit: Limit = 50,
        cursor: Place = None,
    ) -> FeedbackPage:
        service: Service = request.app.state["service"]
        box = service.learning.feedback
        if finding is not None:
            about = await asyncio.to_thread(box.about, finding)
            return FeedbackPage([shown(each) for each in about[:limit]], None)
        found, further = await asyncio.to_thread(box.page, cursor, limit)
        return FeedbackPage([shown(each) for each in found], further)


def shown(feedback: Feedback) -> FeedbackEntry:
    """The statement as clients see it."""
    names = {
        name: None if each is None else pattern_name(each)
        for name, each in (("pattern", feedback.pattern), ("reaches", feedback.reaches))
    }
    return FeedbackEntry(**{**vars(feedback), **names})
