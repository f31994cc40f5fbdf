"""Two versions side by side, and the removal of those that nobody goes back to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.response import Redirect

from sllm_core.learning.pruning import KEEP
from sllm_core.learning.versions import Version
from sllm_core.web.dashboard.page import page
from sllm_core.web.model_changes import compared, prune_versions
from sllm_core.web.problems import Problem
from sllm_core.web.scopes import ADMIN
from sllm_core.web.service import Service

PATH = "/models-and-tuning"


@get(f"{PATH}/compare")
async def compare(request: Request[Any, Any, Any]) -> Response[Any]:
    """The versions that the address names, else the one that judges beside the one that it was made from."""
    service: Service = request.app.state["service"]
    versions = await asyncio.to_thread(service.learning.registry.versions)
    usual = _usual(versions)
    first, second = (request.query_params.get(name) or usual[name] for name in ("first", "second"))
    found, problem = None, ""
    try:
        found = await compared(service, first, second)
    except Problem as error:
        problem = error.detail
    chosen = {"first": first, "second": second}
    return await page(request, "tuning_compare.html", versions=versions, found=found, problem=problem, **chosen)


@get(f"{PATH}/prune", opt={"scope": ADMIN})
async def ask_prune(request: Request[Any, Any, Any]) -> Response[Any]:
    return await _prune_page(request)


@post(f"{PATH}/prune", opt={"scope": ADMIN}, status_code=303)
async def prune(request: Request[Any, Any, Any]) -> Response[Any] | Redirect:
    """Remove them, and go back to the others; what could not be removed is told."""
    pruned = await prune_versions(request.app.state["service"])
    if not pruned.failed:
        return Redirect(PATH, status_code=303)
    answer = await _prune_page(request, pruned.failed)
    answer.status_code = 200
    return answer


async def _prune_page(request: Request[Any, Any, Any], failed: Sequence[tuple[str, str]] = ()) -> Response[Any]:
    service: Service = request.app.state["service"]
    found = await asyncio.to_thread(service.learning.pruning.superfluous, KEEP)
    return await page(request, "tuning_prune.html", versions=found, failed=failed)


def _usual(versions: Sequence[Version]) -> dict[str, str]:
    """The newest version that judges and was made here, beside the one that it was made from."""
    made = [each for each in versions if each.state != "shipped"]
    second = next((each for each in made if each.current), next(iter(made), versions[-1]))
    names = {each.name for each in versions}
    first = second.base if second.base in names else versions[-1].name
    return {"first": str(first), "second": second.name}


HANDLERS = [compare, ask_prune, prune]
