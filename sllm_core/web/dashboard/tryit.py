"""`/try`: paste lines, and see what sllm says of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, get, post

from sllm_core.web.analysis.desk import Desk
from sllm_core.web.analysis.question import LANGUAGES, Asking
from sllm_core.web.dashboard.entry import own_address
from sllm_core.web.dashboard.forms import form_of
from sllm_core.web.dashboard.page import page
from sllm_core.web.dashboard.tryit_answer import Told, told_of
from sllm_core.web.dashboard.tryit_command import command
from sllm_core.web.problems import Problem
from sllm_core.web.scopes import ANALYZE, client_name, may
from sllm_core.web.service import Service

EXAMPLE = """\
2026-11-20 13:12:03.441 INFO  1 --- [main] c.e.shop.OrderService : order 5821 placed, 3 items, 42000 KRW
2026-11-20 13:12:07.105 ERROR 1 --- [main] c.e.shop.PgClient : Connection to payment-db:5432 refused, retry 1
2026-11-20 13:12:17.110 ERROR 1 --- [main] c.e.shop.PgClient : Connection to payment-db:5432 refused, retry 2
2026-11-20 13:12:27.300 WARN  1 --- [main] c.e.shop.Pool : payment-pool exhausted, 10 of 10 connections in use
2026-11-20 13:12:31.018 ERROR 1 --- [main] c.e.shop.Checkout : 결제 승인 실패: 카드사 응답 시간 초과 (30s)
2026-11-20 13:13:02.772 INFO  1 --- [main] c.e.shop.PgClient : connection to payment-db restored
"""
"""What somebody may try who has no lines at hand."""


@dataclass(frozen=True)
class Entered:
    """What the form holds: `tasks` and `language` as they are chosen, "" where that of the configuration holds."""

    lines: str = ""
    tasks: tuple[str, ...] = ()
    language: str = ""

    @property
    def options(self) -> dict[str, str]:
        """What goes into the query of `POST /analyze`."""
        given = {"tasks": ",".join(self.tasks), "language": self.language}
        return {name: value for name, value in given.items() if value}


@get("/try")
async def try_it(request: Request[Any, Any, Any]) -> Response[Any]:
    return await _page(request, Entered(EXAMPLE if "example" in request.query_params else ""))


@post("/try", opt={"scope": ANALYZE}, status_code=200)
async def try_lines(request: Request[Any, Any, Any]) -> Response[Any]:
    """Answer as `POST /analyze` does, within the same limits; what was entered stays whatever is wrong with it."""
    form, asking = form_of(request), _asking(request)
    chosen = tuple(each for each in form.texts("tasks") if each)
    tasks = () if set(chosen) >= set(asking.tasks) else chosen
    entered = Entered(form.text("lines"), tasks, form.text("language"))
    try:
        told = await _answered(request, entered)
    except Problem as problem:
        answer = await _page(request, entered, problem=problem)
        answer.status_code = problem.status
        return answer
    return await _page(request, entered, told=told)


async def _answered(request: Request[Any, Any, Any], entered: Entered) -> Told:
    question = _asking(request).question(entered.lines.encode(errors="replace"), "text/plain", entered.options)
    desk: Desk = request.app.state["desk"]
    return await asyncio.to_thread(told_of, desk.known(question) or await desk.answer(question))


async def _page(
    request: Request[Any, Any, Any], entered: Entered, told: Told | None = None, problem: Problem | None = None
) -> Response[Any]:
    service: Service = request.app.state["service"]
    return await page(
        request,
        "tryit.html",
        entered=entered,
        told=told,
        problem=problem,
        example=EXAMPLE,
        tasks=_asking(request).tasks,
        languages=LANGUAGES,
        allowed=may(request, ANALYZE),
        most=service.settings.service.max_body // 4,
        command=_command(request, entered),
    )


def _command(request: Request[Any, Any, Any], entered: Entered) -> str:
    needs_key = client_name(request) != "local"
    return command(own_address(request), entered.lines, entered.options, needs_key=needs_key)


def _asking(request: Request[Any, Any, Any]) -> Asking:
    asking: Asking = request.app.state["asking"]
    return asking


HANDLERS = [try_it, try_lines]
