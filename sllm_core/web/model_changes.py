"""`GET /models/{first}/diff/{second}` and `POST /models/prune`: versions compared, and old ones removed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Controller, Request, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, QueryParameter

from sllm_core.learning.differing import VersionDiff, version_diff
from sllm_core.learning.pruning import KEEP, Pruned
from sllm_core.learning.registry import RegistryError
from sllm_core.store import StoreError
from sllm_core.web.problems import Problem, busy
from sllm_core.web.refusals import refusals
from sllm_core.web.scopes import ADMIN
from sllm_core.web.service import Service

Keep = Annotated[int, QueryParameter(ge=0, le=1000, description="through so many versions one can still go back")]


@dataclass(frozen=True)
class TaskDifference:
    """What the gate measured of each on labels that were held out, beside the incumbents of the time; null: nothing."""

    task: str
    first: dict[str, Any] | None
    second: dict[str, Any] | None


@dataclass(frozen=True)
class Difference:
    """What both have under one name, null where one has nothing; `change` is how much more the second is, of
    numbers."""

    name: str
    first: Any
    second: Any
    change: float | None


@dataclass(frozen=True)
class ChangedExample:
    """An example that only one has learnt from or was measured on, or both with other labels; `part` is where it is in
    the data."""

    task: str
    text: str
    first: str | None
    second: str | None
    part: str


@dataclass(frozen=True)
class DataDifference:
    """How many examples the second has besides (`added`), not any more (`removed`), with another label, or the same;
    and the first 200 of each change. `known` is false where the data of one is not there."""

    known: bool
    added: int
    removed: int
    relabelled: int
    same: int
    changes: list[ChangedExample]


@dataclass(frozen=True)
class ModelDifference:
    """The second version beside the first: what the gate measured and asked, figures of the training, what they were
    made from, and the data. Of figures and origins only what differs."""

    first: str
    second: str
    tasks: list[TaskDifference]
    checks: list[Difference]
    metrics: list[Difference]
    lineage: list[Difference]
    data: DataDifference


@dataclass(frozen=True)
class NotPruned:
    """A version that could not be removed, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class PrunedModels:
    """The versions that were removed, or would be; and those that could not be."""

    removed: list[str]
    failed: list[NotPruned]


class ModelChangesController(Controller):
    """What lies between versions, and which of them are kept."""

    path = "/models"
    tags = ("models",)

    @get(
        "/{first:str}/diff/{second:str}",
        summary="What lies between two versions",
        responses=refusals(404, 409, body=False),
    )
    async def diff(
        self, request: Request[Any, Any, Any], first: FromPath[str], second: FromPath[str]
    ) -> ModelDifference:
        return shown_difference(await compared(request.app.state["service"], first, second))

    @post(
        "/prune",
        status_code=200,
        summary="Remove versions that nobody goes back to",
        description="The version that judges is kept, those that rollbacks lead through, and what was there first.",
        responses={
            200: ResponseSpec(PrunedModels, description="They are gone, or would be."),
            **refusals(400, 409, 503, body=False),
        },
        opt={"scope": ADMIN},
    )
    async def prune(
        self, request: Request[Any, Any, Any], keep: Keep = KEEP, dry_run: FromQuery[bool] = False
    ) -> PrunedModels:
        service: Service = request.app.state["service"]
        if dry_run:
            found = await asyncio.to_thread(service.learning.pruning.superfluous, keep)
            return PrunedModels([each.name for each in found], [])
        pruned = await prune_versions(service, keep)
        return PrunedModels(list(pruned.removed), [NotPruned(*each) for each in pruned.failed])


async def compared(service: Service, first: str, second: str) -> VersionDiff:
    """What lies between two versions.

    Raises:
        Problem: there is no such version, or they are of different tuners.
    """
    try:
        return await asyncio.to_thread(version_diff, service.learning.registry, first, second)
    except RegistryError as error:
        raise Problem(404 if error.missing else 409, str(error)) from error


async def prune_versions(service: Service, keep: int = KEEP) -> Pruned:
    """What was removed.

    Raises:
        Problem: a run of tuning is at work, or the store refused.
    """
    if service.tuning_runs.current is not None:
        raise Problem(409, "a run of tuning is at work; prune when it is over, or cancel it")
    try:
        return await service.learning.pruning.prune(keep)
    except StoreError as error:
        raise busy("the store refused; the log of the service says why", 30) from error


def shown_difference(found: VersionDiff) -> ModelDifference:
    """As clients see it."""
    sides = {
        name: [Difference(each.name, each.first, each.second, each.change) for each in getattr(found, name)]
        for name in ("checks", "metrics", "lineage")
    }
    tasks = [TaskDifference(each.task, _values(each.first), _values(each.second)) for each in found.tasks]
    changes = [ChangedExample(**vars(each)) for each in found.data.changes]
    data = DataDifference(**{**vars(found.data), "changes": changes})
    return ModelDifference(found.first.name, found.second.name, tasks, **sides, data=data)


def _values(told: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if told is None else dict(told)
