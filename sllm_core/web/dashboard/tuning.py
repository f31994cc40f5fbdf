"""`/models-and-tuning`: which models judge, what tuning made of them, and what may be changed about it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from sllm_core.learning.orders import Order
from sllm_core.learning.registry import Registry, RegistryError
from sllm_core.learning.versions import Version
from sllm_core.store import StoreError
from sllm_core.store.versions import Switch
from sllm_core.web.dashboard.forms import form_of
from sllm_core.web.dashboard.page import page
from sllm_core.web.dashboard.tuning_view import consulted, report_of
from sllm_core.web.fine_tune import begin_run
from sllm_core.web.problems import Problem, busy
from sllm_core.web.scopes import ADMIN, client_name, may
from sllm_core.web.service import Service

PATH = "/models-and-tuning"
RUNS = 20
"""So many runs are listed."""


@get(PATH)
async def overview(request: Request[Any, Any, Any]) -> Response[Any]:
    return await _overview(request)


@get(f"{PATH}/runs/{{run:str}}")
async def one_run(request: Request[Any, Any, Any], run: FromPath[str]) -> Response[Any]:
    service: Service = request.app.state["service"]
    found = service.tuning_runs.find(run)
    if found is None:
        raise Problem(404, "there is no tuning run of this id, or none any more")
    report = report_of(found.result.report) if found.result else None
    return await page(request, "tuning_run.html", run=found, report=report, allowed=may(request, ADMIN))


@get(f"{PATH}/versions/{{name:str}}")
async def one_version(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
    """What is known of a version; here it is promoted too, so nobody does that without having seen it."""
    version = await _version(request, name)
    service: Service = request.app.state["service"]
    versions = await asyncio.to_thread(service.learning.registry.versions)
    return await page(
        request,
        "tuning_version.html",
        it=version,
        report=report_of(version.report),
        allowed=may(request, ADMIN),
        others=[each for each in versions if each.tuner == version.tuner and each.name != version.name],
        sight=next((each for each in service.watch.sights if each.tuner == version.tuner), None),
    )


@get(f"{PATH}/rollback/{{tuner:str}}", opt={"scope": ADMIN})
async def ask_rollback(request: Request[Any, Any, Any], tuner: FromPath[str]) -> Response[Any]:
    now = await _switched(request, lambda registry: registry.current(tuner))
    return await page(request, "tuning_rollback.html", it=now)


@post(f"{PATH}/rollback", opt={"scope": ADMIN}, status_code=303)
async def rollback(request: Request[Any, Any, Any]) -> Redirect:
    tuner = form_of(request).text("tuner")
    await _switched(request, lambda registry: registry.rollback(tuner, client_name(request)))
    return Redirect(PATH, status_code=303)


@post(f"{PATH}/promote", opt={"scope": ADMIN}, status_code=303)
async def promote(request: Request[Any, Any, Any]) -> Redirect:
    name = form_of(request).text("version")
    await _switched(request, lambda registry: registry.promote(name, client_name(request)))
    return Redirect(PATH, status_code=303)


@post(f"{PATH}/runs", opt={"scope": ADMIN}, status_code=303)
async def start(request: Request[Any, Any, Any]) -> Response[Any]:
    """Begin a run, and go to its page; where that cannot be, it is said above what can."""
    service: Service = request.app.state["service"]
    form = form_of(request)
    order = Order(tuple(each for each in form.texts("tuners") if each), (), bool(form.text("dry_run")))
    try:
        run = await begin_run(service, order, client_name(request))
    except Problem as problem:
        answer = await _overview(request, problem)
        answer.status_code = problem.status
        return answer
    return Redirect(f"{PATH}/runs/{run.id}", status_code=303)


@post(f"{PATH}/cancel", opt={"scope": ADMIN}, status_code=303)
async def cancel(request: Request[Any, Any, Any]) -> Redirect:
    service: Service = request.app.state["service"]
    run = await service.tuning_runs.cancel(form_of(request).text("run"), f"it was cancelled by {client_name(request)}")
    if run is None:
        raise Problem(404, "there is no tuning run of this id, or none any more")
    return Redirect(f"{PATH}/runs/{run.id}", status_code=303)


async def _overview(request: Request[Any, Any, Any], problem: Problem | None = None) -> Response[Any]:
    service: Service = request.app.state["service"]
    runs, due = service.tuning_runs, service.clock.next
    versions = await asyncio.to_thread(service.learning.registry.versions)
    switches = await asyncio.to_thread(_switches, service.learning.registry, versions)
    return await page(
        request,
        "tuning.html",
        problem=problem,
        model=consulted(service),
        versions=versions,
        switches=switches[:RUNS],
        sights=service.watch.sights,
        runs=runs.recent(RUNS),
        running=runs.current,
        tuners=runs.tuners,
        next=None if due is None else due.at,
        allowed=may(request, ADMIN),
    )


def _switches(registry: Registry, versions: Sequence[Version]) -> list[Switch]:
    """Those of all tuners, the latest first."""
    found = [each for tuner in {each.tuner for each in versions} for each in registry.switches(tuner)]
    return sorted(found, key=lambda each: each.at, reverse=True)


async def _version(request: Request[Any, Any, Any], name: str) -> Version:
    service: Service = request.app.state["service"]
    version: Version | None = await asyncio.to_thread(service.learning.registry.find, name)
    if version is None:
        raise Problem(404, "there is no version of this name, or none any more")
    return version


async def _switched(request: Request[Any, Any, Any], change: Callable[[Registry], Version]) -> Version:
    service: Service = request.app.state["service"]
    try:
        return await asyncio.to_thread(change, service.learning.registry)
    except RegistryError as error:
        raise Problem(404 if error.missing else 409, str(error)) from error
    except StoreError as error:
        raise busy("the store refused; the log of the service says why", 30) from error


HANDLERS = [overview, one_run, one_version, ask_rollback, rollback, promote, start, cancel]
