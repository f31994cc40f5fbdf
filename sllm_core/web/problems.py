"""What a client is told instead of an answer: problem details, after RFC 9457."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from litestar import Request, Response
from litestar.config.app import AppConfig
from litestar.exceptions import HTTPException
from litestar.plugins import InitPlugin

MEDIA_TYPE = "application/problem+json"
_PHRASE = 300
"""How many characters of what a client sent are told back."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: in which field of the body, the query or the headers, and what."""

    field: str
    detail: str


class Problem(Exception):
    """Ends a request. `detail` says what is wrong and what to do; `faults` name the fields.

    Args:
        headers: of the answer, as `Retry-After`.
    """

    def __init__(
        self, status: int, detail: str, faults: Sequence[Fault] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.faults, self.headers = status, detail, tuple(faults), dict(headers or {})


@dataclass(frozen=True)
class ProblemDetails:
    """An error. `detail` says what is wrong and what to do, `errors` which fields it is about, `request_id` under what
    it stands in the log of the service."""

    title: str
    status: int
    type: str = "about:blank"
    detail: str = ""
    request_id: str = ""
    errors: list[Fault] = field(default_factory=list)


def wrong(name: str, detail: str, status: int = 400) -> Problem:
    """A problem with one field."""
    return Problem(status, f"{name}: {detail}", [Fault(name, detail)])


def busy(detail: str, seconds: float, status: int = 503) -> Problem:
    """A problem that is over after so many seconds."""
    return Problem(status, detail, headers={"Retry-After": str(max(1, round(seconds)))})


def problem_body(problem: Problem, request_id: str) -> bytes:
    """The problem as JSON."""
    told: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "request_id": request_id,
    }
    if problem.faults:
        told["errors"] = [{"field": each.field, "detail": each.detail} for each in problem.faults]
    return json.dumps(told, ensure_ascii=False).encode(errors="replace")


class ProblemsPart(InitPlugin):
    """Makes problems of all exceptions; what is a mistake of the service's own is told in its log alone."""

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.exception_handlers = {Problem: _told, HTTPException: _told_of_http, Exception: _hidden}
        return app_config


def _told(request: Request[Any, Any, Any], problem: Problem) -> Response[bytes]:
    body = problem_body(problem, request.scope["state"].get("request_id", ""))
    return Response(body, status_code=problem.status, media_type=MEDIA_TYPE, headers=problem.headers)


def _told_of_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    return _told(request, problem_of(error))


def problem_of(error: HTTPException) -> Problem:
    """The problem that the framework has found."""
    extra = error.extra if isinstance(error.extra, list) else []
    faults = [_fault(each) for each in extra if isinstance(each, Mapping)]
    detail = f"{faults[0].field}: {faults[0].detail}" if faults else error.detail[:_PHRASE]
    if error.status_code == 404:
        detail = "there is nothing at this path; GET /schema lists what there is"
    return Problem(error.status_code, detail, faults, error.headers)


def _fault(extra: Mapping[str, Any]) -> Fault:
    return Fault(str(extra.get("key", ""))[:_PHRASE], str(extra.get("message", ""))[:_PHRASE])


def _hidden(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    log_mistake(request.scope["state"].get("request_id", ""), error)
    return _told(request, mistake())


def mistake() -> Problem:
    """What is said of a mistake of the service's own."""
    return Problem(500, "this is a mistake in sllm itself; what happened stands in its log under the request_id")


def log_mistake(request_id: str, error: BaseException) -> None:
    """Tell the log what the client is not told."""
    logging.getLogger("sllm.web").error("request failed", exc_info=error, extra={"request_id": request_id})
