"""`POST /logs`: what shippers send, to a source that keeps it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from litestar import Controller, Request, Response, post
from litestar.config.app import AppConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath
from litestar.plugins import InitPlugin

from sllm_core.components import Full, KeyReused, Receiving
from sllm_core.web.analysis.question import JSON, LINES
from sllm_core.web.bodies import read_body
from sllm_core.web.logs_schema import KEY, LogsOperation
from sllm_core.web.problems import Fault, Problem, busy, wrong
from sllm_core.web.refusals import refusals
from sllm_core.web.scopes import ANALYZE
from sllm_core.web.service import Service

_KEY = re.compile(r"[!-~]{1,255}")


@dataclass(frozen=True)
class RefusedLine:
    """A line (from 1) that could not be read, and why."""

    line: int
    error: str


@dataclass(frozen=True)
class Receipt:
    """How many records are stored for good, and the first lines that could not be read."""

    records: int
    refused: list[RefusedLine] = field(default_factory=list)


class LogsPart(InitPlugin):
    """The resource, for the sources that receive."""

    def __init__(self, service: Service) -> None:
        found = [each for each in service.runner.assembly.sources if isinstance(each, Receiving)]
        self._receiving = {each.name: each for each in found}
        for each in found:
            each.receive()

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.state["receiving"] = self._receiving
        app_config.route_handlers.append(LogsController)
        return app_config


class LogsController(Controller):
    """Logs for a source."""

    path = "/logs"
    tags = ("logs",)

    @post(
        "/",
        status_code=202,
        summary="Take logs, for the source http",
        description="Answered once they are stored for good; what is sent again after that is counted again, unless it "
        "comes with the `Idempotency-Key` that it had.",
        responses={202: ResponseSpec(Receipt, description="They are stored."), **refusals(400, 404, 422)},
        operation_class=LogsOperation,
        opt={"scope": ANALYZE},
    )
    async def take(self, request: Request[Any, Any, Any]) -> Response[Receipt]:
        receiving: dict[str, Receiving] = request.app.state["receiving"]
        return await _taken(request, next(iter(receiving.values()), None))

    @post(
        "/{source:str}",
        status_code=202,
        summary="Take logs, for one of several sources",
        responses={202: ResponseSpec(Receipt, description="They are stored."), **refusals(400, 404, 422)},
        operation_class=LogsOperation,
        opt={"scope": ANALYZE},
    )
    async def take_for(self, request: Request[Any, Any, Any], source: FromPath[str]) -> Response[Receipt]:
        receiving: dict[str, Receiving] = request.app.state["receiving"]
        return await _taken(request, receiving.get(source))


async def _taken(request: Request[Any, Any, Any], source: Receiving | None) -> Response[Receipt]:
    service: Service = request.app.state["service"]
    if source is None:
        raise Problem(404, "no such source takes logs; add [plugins.http] to config.toml")
    if request.content_type[0] not in (JSON, *LINES):
        raise Problem(415, f"send {JSON}, {LINES[0]} or {LINES[1]}, and say which in Content-Type")
    key, body = _key(request), await read_body(request, service.settings.service)
    if service.stopping.is_set():
        raise busy("the service stops", 10)
    try:
        taken = await source.take(body, key) if key else await source.take(body)
    except KeyReused as error:
        raise wrong(KEY, str(error), 422) from error
    except Full as full:
        raise busy(str(full), full.seconds) from full
    if not taken.records:
        faults = [Fault(f"line {line}", why) for line, why in taken.refused]
        raise Problem(400, taken.refused[0][1] if taken.refused else "the body has no record", faults)
    headers = {"Idempotency-Replayed": "true"} if taken.repeated else None
    receipt = Receipt(taken.records, [RefusedLine(*each) for each in taken.refused])
    return Response(receipt, status_code=202, headers=headers)


def _key(request: Request[Any, Any, Any]) -> str:
    """The key under which the body is taken once; "" where the client sends none.

    Raises:
        Problem: it cannot be one.
    """
    key = request.headers.get(KEY, "").strip()
    if KEY.lower() in request.headers and not _KEY.fullmatch(key):
        raise wrong(KEY, "1 to 255 visible characters of ASCII, such as a UUID")
    return key
