"""A page instead of the one that was asked for."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from sllm_core.web.dashboard.page import page
from sllm_core.web.problems import MEDIA_TYPE, Problem, problem_body


class TroublePage(Response[bytes]):
    """Says what is wrong and what to do; scripts that want JSON get problem details."""

    def __init__(self, request: Request[Any, Any, Any], problem: Problem) -> None:
        super().__init__(b"", status_code=problem.status, headers=problem.headers)
        self._request, self._problem = request, problem

    def to_asgi_response(self, *_: object, **__: object) -> ASGIResponse:
        return _Later(self._request, self._problem)


class _Later(ASGIResponse):
    """Is written when it is sent, since what answers for an exception may not wait for anything."""

    def __init__(self, request: Request[Any, Any, Any], problem: Problem) -> None:
        super().__init__(status_code=problem.status)
        self._request, self._problem = request, problem

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await _answer(self._request, self._problem)
        await answer.to_asgi_response(app=None, request=self._request)(scope, receive, send)


async def _answer(request: Request[Any, Any, Any], problem: Problem) -> Response[Any]:
    id = request.scope["state"].get("request_id", "")
    if "json" in request.headers.get("accept", ""):
        body = problem_body(problem, id)
        return Response(body, status_code=problem.status, media_type=MEDIA_TYPE, headers=problem.headers)
    answer = await page(request, "error.html", status=problem.status, detail=problem.detail, request_id=id)
    answer.status_code = problem.status
    answer.headers.update(problem.headers)
    return answer
