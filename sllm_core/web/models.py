"""`GET /models`: what judges, which versions there are of it, and the switch between them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Controller, Request, get, post
from litestar.config.app import AppConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath
from litestar.plugins import InitPlugin

from sllm_core.learning.registry import RegistryError
from sllm_core.learning.versions import Version
from sllm_core.models import Gateway, Identity
from sllm_core.review.judging import judge_version
from sllm_core.review.known import TRIAL
from sllm_core.review.trial import Trial
from sllm_core.store import StoreError
from sllm_core.web.model_changes import ModelChangesController
from sllm_core.web.problems import Problem, busy
from sllm_core.web.refusals import refusals
from sllm_core.web.scopes import ADMIN, client_name
from sllm_core.web.service import Service


@dataclass(frozen=True)
class TrialResult:
    """How a language model did beside the shipped classifier, on so many control messages; `refusal` says why its
    verdicts are not used, "" where they are."""

    cases: int
    right: int
    rival: int
    refusal: str


@dataclass(frozen=True)
class LanguageModelEntry:
    """A language model: `plugin` is the section of the configuration; the others tell of the one that is asked.

    `name` and `digest` are null until it has answered, `breaker` says whether calls go out, `reason` why not.
    """

    plugin: str
    asked: bool
    name: str | None = None
    digest: str | None = None
    breaker: str = ""
    reason: str = ""
    trial: TrialResult | None = None


@dataclass(frozen=True)
class VersionEntry:
    """A version, by the name that findings give as their `model`; `state` is shipped, made, passed, promoted, refused,
    retired or broken, and `current` whether it judges now. `base` is what it was made from."""

    name: str
    tuner: str
    state: str
    current: bool
    made: datetime | None
    base: str | None
    lineage: dict[str, Any]
    metrics: dict[str, Any]


@dataclass(frozen=True)
class VersionDetails(VersionEntry):
    """A version with the report of the gate."""

    report: dict[str, Any]


@dataclass(frozen=True)
class SwitchEntry:
    """From `at` on a version judged; null: the shipped one. `back`: it had before."""

    tuner: str
    version: str | None
    at: datetime
    by: str
    reason: str
    back: bool


@dataclass(frozen=True)
class Models:
    """The language models that are enabled, the versions that tuning made, newest first and the shipped one last, and
    which of them judged since when, newest first."""

    language_models: list[LanguageModelEntry]
    versions: list[VersionEntry]
    switches: list[SwitchEntry]


class ModelsPart(InitPlugin):
    """The resource, on the registry of a service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.state["service"] = self._service
        app_config.route_handlers += [ModelsController, ModelChangesController]
        return app_config


class ModelsController(Controller):
    """What judges."""

    path = "/models"
    tags = ("models",)

    @get("/", summary="What judges, and which versions there are", responses=refusals(body=False))
    async def page(self, request: Request[Any, Any, Any]) -> Models:
        service: Service = request.app.state["service"]
        return await asyncio.to_thread(_models, service)

    @get("/{version:str}", summary="A version, with the report of the gate", responses=refusals(404, body=False))
    async def one(self, request: Request[Any, Any, Any], version: FromPath[str]) -> VersionDetails:
        service: Service = request.app.state["service"]
        found = await asyncio.to_thread(service.learning.registry.find, version)
        if found is None:
            raise Problem(404, "there is no version of this name; GET /models lists them")
        return VersionDetails(**vars(_entry(found)), report=dict(found.report))

    @post(
        "/{version:str}/promote",
        status_code=200,
        summary="Let a version judge from now on",
        description="What is judged from now on is judged by it. One that did not pass the gate is refused.",
        responses={200: ResponseSpec(VersionEntry, description="It judges."), **refusals(404, 409, 503, body=False)},
        opt={"scope": ADMIN},
    )
    async def promote(self, request: Request[Any, Any, Any], version: FromPath[str]) -> VersionEntry:
        service: Service = request.app.state["service"]
        return await _switched(lambda: service.learning.registry.promote(version, client_name(request)))

    @post(
        "/{tuner:str}/rollback",
        status_code=200,
        summary="Let the version judge that did before",
        description="Its answers are exactly those of before. There is nothing to go back to from what was first.",
        responses={200: ResponseSpec(VersionEntry, description="It judges."), **refusals(404, 409, 503, body=False)},
        opt={"scope": ADMIN},
    )
    async def rollback(self, request: Request[Any, Any, Any], tuner: FromPath[str]) -> VersionEntry:
        service: Service = request.app.state["service"]
        return await _switched(lambda: service.learning.registry.rollback(tuner, client_name(request)))


async def _switched(switch: Callable[[], Version]) -> VersionEntry:
    """The version that judges now.

    Raises:
        Problem: the switch cannot be made.
    """
    try:
        return _entry(await asyncio.to_thread(switch))
    except RegistryError as error:
        raise Problem(404 if error.missing else 409, str(error)) from error
    except StoreError as error:
        raise busy("the store refused; the log of the service says why", 30) from error


def _models(service: Service) -> Models:
    registry, gateway = service.learning.registry, service.runner.assembly.model
    versions = registry.versions()
    switches = [each for tuner in {each.tuner for each in versions} for each in registry.switches(tuner)]
    switches.sort(key=lambda each: each.at, reverse=True)
    return Models(
        [] if gateway is None else _language_models(service, gateway),
        [_entry(each) for each in versions],
        [SwitchEntry(**vars(each)) for each in switches],
    )


def _entry(version: Version) -> VersionEntry:
    return VersionEntry(
        version.name,
        version.tuner,
        version.state,
        version.current,
        version.made,
        version.base,
        dict(version.lineage),
        dict(version.metrics),
    )


def _language_models(service: Service, gateway: Gateway) -> list[LanguageModelEntry]:
    names = [each.name for each in service.runner.assembly.models]
    asked = service.settings.model.use or (names[0] if names else "")
    return [_asked(service, gateway, name) if name == asked else LanguageModelEntry(name, False) for name in names]


def _asked(service: Service, gateway: Gateway, plugin: str) -> LanguageModelEntry:
    known = gateway.known
    reason = "calls to the server fail" if gateway.state != "closed" else ""
    if known is None:
        return LanguageModelEntry(plugin, True, breaker=gateway.state, reason=reason)
    trial = _trial(service, known)
    return LanguageModelEntry(plugin, True, known.name, known.digest or None, gateway.state, reason, trial)


def _trial(service: Service, identity: Identity) -> TrialResult | None:
    """How the model did in its trial, if it stood one."""
    kept: Any = service.store.recall(f"{TRIAL} {judge_version(identity, service.settings.language)}")
    if kept is None:
        return None
    trial = Trial.from_json(kept)
    return TrialResult(trial.cases, trial.right, trial.rival, trial.refusal(identity.name) or "")
