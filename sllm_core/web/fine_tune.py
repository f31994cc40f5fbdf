"""`POST /fine-tune`: runs of tuning, begun, watched and cancelled."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from litestar import Controller, Request, Response, delete, get, post
from litestar.config.app import AppConfig
from litestar.datastructures import ResponseHeader
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter
from litestar.plugins import InitPlugin
from litestar.response import Stream

from sllm_core.clock.claims import ClaimsAway
from sllm_core.clock.runs import ClaimedElsewhere, NothingToTune, Running, Stopping, TuningRun, UnknownName
from sllm_core.clock.tuning_run import State, Trigger
from sllm_core.learning.orders import Order
from sllm_core.store import StoreError
from sllm_core.web.fine_tune_schema import EVENTS, FineTuneOperation, read_order
from sllm_core.web.problems import Problem, busy, wrong
from sllm_core.web.refusals import refusals
from sllm_core.web.scopes import ADMIN, client_name, while_admitted
from sllm_core.web.service import Service

Limit = Annotated[int, QueryParameter(ge=1, le=500)]
PATH = "/fine-tune"


@dataclass(frozen=True)
class Ordered:
    """Which tuners and tasks; empty: all that are enabled. A dry run promotes nothing."""

    tuners: list[str]
    tasks: list[str]
    dry_run: bool


@dataclass(frozen=True)
class Stage:
    """A step: `done` of `total`, 0 where that is not known; `remaining` seconds by how it went so far."""

    name: str
    done: int
    total: int
    detail: str
    began: datetime
    ended: datetime | None
    remaining: float | None


@dataclass(frozen=True)
class Outcome:
    """What came of it: promoted, refused, insufficient or dry run; the version that was made, and the gate's report."""

    outcome: str
    version: str | None
    detail: str
    report: dict[str, Any]


@dataclass(frozen=True)
class FineTuneRun:
    """A run. `state` is queued, running, done (see `result`), failed (see `error`), cancelled, or lost: its process was
    killed, and the next run goes on."""

    id: str
    state: State
    trigger: Trigger
    by: str
    order: Ordered
    started: datetime
    ended: datetime | None
    steps: list[Stage]
    result: Outcome | None
    error: str
    revision: int


@dataclass(frozen=True)
class FineTuneRuns:
    """The latest runs, the newest first; which tuners there are, and when the clock begins the next run."""

    runs: list[FineTuneRun]
    tuners: list[str] = field(default_factory=list)
    next: datetime | None = None


class FineTunePart(InitPlugin):
    """The resource, on the runs of a service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.state["service"] = self._service
        app_config.route_handlers.append(FineTuneController)
        return app_config


class FineTuneController(Controller):
    """Runs of tuning."""

    path = PATH
    tags = ("fine-tune",)

    @post(
        "/",
        status_code=202,
        summary="Begin a run of tuning",
        description="One at a time: 409 names the run that is at work. What scores worse is never promoted.",
        responses={
            202: ResponseSpec(FineTuneRun, description="It has begun; `Location` is where to ask how far it is."),
            **refusals(400, 409),
        },
        response_headers=[ResponseHeader(name="Location", documentation_only=True, description="the run")],
        operation_class=FineTuneOperation,
        opt={"scope": ADMIN},
    )
    async def begin(self, request: Request[Any, Any, Any]) -> Response[FineTuneRun]:
        service: Service = request.app.state["service"]
        order = await read_order(request, service.settings.service)
        run = await begin_run(service, order, client_name(request))
        return Response(shown(run), status_code=202, headers={"Location": f"{PATH}/{run.id}"})

    @get("/", summary="The latest runs of tuning", responses=refusals(400, body=False), sync_to_thread=False)
    def page(self, request: Request[Any, Any, Any], limit: Limit = 50) -> FineTuneRuns:
        service: Service = request.app.state["service"]
        runs, due = service.tuning_runs, service.clock.next
        return FineTuneRuns(
            [shown(each) for each in runs.recent(limit)], list(runs.tuners), None if due is None else due.at
        )

    @get("/{run:str}", summary="One run of tuning", responses=refusals(404, body=False), sync_to_thread=False)
    def one(self, request: Request[Any, Any, Any], run: FromPath[str]) -> FineTuneRun:
        return shown(_found(request, run))

    @get(
        "/{run:str}/events",
        summary="A run as it goes on, as Server-Sent Events",
        description=EVENTS,
        responses={
            200: ResponseSpec(str, description="Events `step`, then `end`.", media_type="text/event-stream"),
            204: ResponseSpec(None, description="It is over, and the client has its end."),
            **refusals(400, 404, body=False),
        },
        opt={"browser": "events"},
    )
    async def events(self, request: Request[Any, Any, Any], run: FromPath[str]) -> Stream | Response[None]:
        service: Service = request.app.state["service"]
        found, after = _found(request, run), _last_event(request)
        if found.is_over and after is not None and after >= found.revision:
            return Response(None, status_code=204)
        told = while_admitted(request, service.tuning_runs.events(run, after))
        return Stream(told, media_type="text/event-stream")

    @delete(
        "/{run:str}",
        status_code=200,
        summary="Cancel a run",
        description="A run that is over stays as it is. Cancelling takes a moment: `state` says whether it is done.",
        responses=refusals(404, body=False),
        opt={"scope": ADMIN},
    )
    async def cancel(self, request: Request[Any, Any, Any], run: FromPath[str]) -> FineTuneRun:
        service: Service = request.app.state["service"]
        by = client_name(request)
        cancelled = await service.tuning_runs.cancel(_found(request, run).id, f"it was cancelled by {by}")
        return shown(cancelled or _found(request, run))


def shown(run: TuningRun) -> FineTuneRun:
    """The run as clients see it."""
    order, result = run.order, run.result
    return FineTuneRun(
        id=run.id,
        state=run.state,
        trigger=run.trigger,
        by=run.by,
        order=Ordered([*order.tuners], [*order.tasks], order.dry_run),
        started=run.started,
        ended=run.ended,
        steps=[Stage(**vars(each)) for each in run.steps],
        result=None if result is None else Outcome(**run.to_json()["result"]),
        error=run.error,
        revision=run.revision,
    )


async def begin_run(service: Service, order: Order, by: str) -> TuningRun:
    """The run that has begun.

    Raises:
        Problem: it has not, and why.
    """
    try:
        return await service.tuning_runs.start(order, "request", by)
    except UnknownName as error:
        raise wrong(error.field, error.detail) from error
    except NothingToTune as error:
        raise Problem(409, str(error)) from error
    except Running as error:
        path = f"{PATH}/{error.run.id}"
        raise Problem(409, f"{error}; see {path}", headers={"Location": path}) from error
    except ClaimedElsewhere as error:
        raise Problem(409, str(error)) from error
    except ClaimsAway as error:
        raise busy(f"whether another worker is tuning cannot be known now: {error}", 30) from error
    except Stopping as error:
        raise busy(str(error), 10) from error
    except StoreError as error:
        raise busy("the store refused; the log of the service says why", 30) from error


def _found(request: Request[Any, Any, Any], id: str) -> TuningRun:
    service: Service = request.app.state["service"]
    run = service.tuning_runs.find(id)
    if run is None:
        raise Problem(404, "there is no tuning run of this id, or none any more; GET /fine-tune lists them")
    return run


def _last_event(request: Request[Any, Any, Any]) -> int | None:
    given = request.headers.get("last-event-id", "")
    if given and not (given.isascii() and given.isdigit() and len(given) < 19):
        raise wrong("Last-Event-ID", "expected the id of an event of this stream")
    return int(given) if given else None
