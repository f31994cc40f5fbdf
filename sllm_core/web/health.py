"""`GET /health`, `/health/live`, `/health/ready`: how the service is, for people and for orchestrators."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from litestar import Controller, Request, Response, get
from litestar.config.app import AppConfig
from litestar.datastructures import ResponseHeader
from litestar.openapi.datastructures import ResponseSpec
from litestar.plugins import InitPlugin

from sllm_core.web.condition import Component, LastRun, Status, components, last_run, worst
from sllm_core.web.reload import Configuration
from sllm_core.web.scopes import READ, may
from sllm_core.web.service import Service


@dataclass(frozen=True)
class Health:
    """`ok`; `degraded`: it works, but not all of it; `failing`: it does not. Components are for who may read."""

    status: Status
    version: str = ""
    started: datetime | None = None
    uptime_seconds: float = 0.0
    run: LastRun | None = None
    configuration: Configuration | None = None
    components: list[Component] = field(default_factory=list)


@dataclass(frozen=True)
class Sign:
    """Whether it is alive, or ready."""

    status: str


class HealthPart(InitPlugin):
    """The resource, about one service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.state["service"] = self._service
        app_config.route_handlers.append(HealthController)
        return app_config


class HealthController(Controller):
    """How the service is."""

    path = "/health"
    tags = ("health",)

    @get(
        "/",
        summary="How the service and each of its components are",
        description="200 while it works, also in part; 503 when it does not.",
        responses={503: ResponseSpec(Health, description="It does not work.")},
        opt={"open": True},
    )
    async def health(self, request: Request[Any, Any, Any]) -> Response[Health]:
        service: Service = request.app.state["service"]
        found = await components(service)
        status = worst(found)
        told = Health(status)
        if may(request, READ):
            uptime = round((datetime.now(UTC) - service.started).total_seconds(), 1)
            about = version("sllm"), service.started, uptime, last_run(service), service.configuration
            told = Health(status, *about, found)
        return Response(told, status_code=503 if status == "failing" else 200)

    @get("/live", summary="Whether the process answers at all", opt={"open": True}, sync_to_thread=False)
    def live(self) -> Sign:
        return Sign("live")

    @get(
        "/ready",
        summary="Whether it takes requests",
        responses={503: ResponseSpec(Sign, description="Not now: it stops, or its run has failed.")},
        response_headers=[ResponseHeader(name="Retry-After", documentation_only=True, description="seconds")],
        opt={"open": True},
        sync_to_thread=False,
    )
    def ready(self, request: Request[Any, Any, Any]) -> Response[Sign]:
        state = request.app.state["service"].state
        if state in ("reading", "ended"):
            return Response(Sign("ready"))
        return Response(Sign(state), status_code=503, headers={"Retry-After": "5"})
