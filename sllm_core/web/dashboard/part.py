"""The pages for people, joined."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from litestar import MediaType, Request, Response, Router
from litestar.config.app import AppConfig
from litestar.exceptions import HTTPException, NotFoundException
from litestar.plugins import InitPlugin
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler, ExceptionHandlersMap

from sllm_core.web.dashboard import sign_in, tryit, tuning, tuning_compare
from sllm_core.web.dashboard.attempts import Attempts
from sllm_core.web.dashboard.entry import SignInNeeded, enter, sign_in_path
from sllm_core.web.dashboard.reading import HANDLERS, STREAMS
from sllm_core.web.dashboard.session import Sessions
from sllm_core.web.dashboard.static import StaticFiles, static_file
from sllm_core.web.dashboard.trouble import TroublePage
from sllm_core.web.problems import Problem, log_mistake, mistake, problem_of
from sllm_core.web.service import Service

Told = Callable[[Request[Any, Any, Any], Any], Response[Any]]

AGAIN = """<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0"><title>sllm</title>
<link rel="icon" href="{}" type="image/svg+xml">"""
"""Asks a browser to ask again; with the address of its picture, or it would ask for one that there is not."""


class DashboardPart(InitPlugin):
    """Pages, what they consist of, and who may see them."""

    def __init__(self, service: Service) -> None:
        self._sessions = Sessions(service.store)

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.state["enter"], app_config.state["sessions"] = enter, self._sessions
        app_config.state["attempts"], app_config.state["static"] = Attempts(), StaticFiles(Path(__file__).parent)
        pages = Router(
            "/",
            route_handlers=_pages(),
            opt={"browser": "page"},
            exception_handlers=_troubles(),
            include_in_schema=False,
        )
        streams = Router("/", route_handlers=STREAMS, opt={"browser": "events"}, include_in_schema=False)
        files = Router("/", route_handlers=[static_file], include_in_schema=False)
        app_config.route_handlers += [pages, streams, files]
        told = app_config.exception_handlers[HTTPException]
        app_config.exception_handlers[NotFoundException] = partial(_nowhere, told)
        return app_config


def _pages() -> list[ControllerRouterHandler]:
    return [*HANDLERS, *sign_in.HANDLERS, *tryit.HANDLERS, *tuning.HANDLERS, *tuning_compare.HANDLERS]


def _troubles() -> ExceptionHandlersMap:
    return {
        SignInNeeded: _to_sign_in,
        Problem: TroublePage,
        HTTPException: lambda request, error: TroublePage(request, problem_of(error)),
        Exception: _hidden,
    }


def _to_sign_in(request: Request[Any, Any, Any], _: SignInNeeded) -> Response[Any]:
    """To the page for that; but a browser that follows a link from another site has kept its session to itself, and
    sends it once a page of ours asks it to come again."""
    if request.method == "GET" and request.headers.get("sec-fetch-site") == "cross-site":
        files: StaticFiles = request.app.state["static"]
        return Response(AGAIN.format(files.url("mark.svg")), media_type=MediaType.HTML)
    return Redirect(sign_in_path(request), status_code=303)


def _nowhere(told: Told, request: Request[Any, Any, Any], error: NotFoundException) -> Response[Any]:
    """A page for a browser that asks for what there is not; problem details for all others."""
    if "text/html" not in request.headers.get("accept", ""):
        return told(request, error)
    request.scope["state"]["page"] = True
    return TroublePage(request, problem_of(error))


def _hidden(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    log_mistake(request.scope["state"].get("request_id", ""), error)
    return TroublePage(request, mistake())
