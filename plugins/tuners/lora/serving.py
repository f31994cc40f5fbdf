"""Versions as they serve: the gateway asks their tag instead of the base, and nothing else under its name."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sllm_core.components import Context
from sllm_core.learning.artefacts import ArtefactError
from sllm_core.models.adaptable import Adaptable, DeploymentError
from sllm_core.models.gateway import Gateway
from sllm_core.models.language_model import Completion, Identity, ModelRefused, ModelUnavailable, Prompt
from sllm_core.plugin import PluginError
from sllm_core.review.judging import judge_version
from sllm_core.review.known import CALIBRATION

from .manifest import FILE, Manifest, read_version

T = TypeVar("T")


class Tuned:
    """The model of a version, as the gateway asks it: the tag with its adapter, or nobody.

    A server that has lost the tag gets it again from the version's folder; what has another content is not asked.
    """

    gated = True

    def __init__(self, model: Adaptable, manifest: Manifest, folder: Path) -> None:
        self._model, self._manifest, self._folder = model, manifest, folder
        self.name = model.name

    @property
    def version(self) -> str:
        """The name of the version that it serves."""
        return self._manifest.name

    @property
    def tag(self) -> str:
        """The tag that is asked."""
        return self._manifest.tag

    async def identify(self) -> Identity:
        """Which weights answer.

        Raises:
            ModelUnavailable
            ModelRefused: they are not those of the version, and cannot be put there.
        """
        try:
            await ensure(self._model, self._manifest, self._folder)
        except ArtefactError as error:
            raise ModelRefused(f"{error}; type: sllm model rollback lora") from error
        return await self._model.identify()

    async def complete(self, prompt: Prompt) -> Completion:
        """The answer to a prompt.

        Raises:
            ModelUnavailable, ModelRefused
        """
        return await self._model.complete(prompt)

    async def close(self) -> None:
        """Close the connections."""
        await self._model.close()


async def ensure(model: Adaptable, manifest: Manifest, folder: Path) -> None:
    """See that the server serves a version under its tag, and put it there from its folder if the tag is gone.

    Raises:
        ModelUnavailable
        ArtefactError: it cannot be put there, or something else is.
    """
    try:
        found = await model.deployed(manifest.tag)
        if found is None:
            found = await _again(model, manifest, folder)
    except (ModelRefused, DeploymentError) as error:
        raise ArtefactError(f"{manifest.tag} cannot be served: {error}") from error
    if found != manifest.digest:
        raise ArtefactError(
            f"{manifest.tag} is not what was measured: the server has another content under this name, or another "
            f"template or parameters for {manifest.base_tag}"
        )


async def _again(model: Adaptable, manifest: Manifest, folder: Path) -> str:
    await asyncio.to_thread(read_version, folder)
    base = await model.base()
    if base.digest != manifest.base:
        raise ArtefactError(f"{manifest.tag} is for other weights than those that {base.tag} has now; tune anew")
    logging.getLogger("sllm.learning").warning("the server has lost a version; it gets it again", extra=told(manifest))
    return await model.deploy(manifest.tag, folder / FILE)


def told(manifest: Manifest) -> dict[str, str]:
    """What logs say of a version."""
    return {"version": manifest.name, "tag": manifest.tag}


@dataclass(frozen=True)
class Served:
    """Makes versions serve in place of the model that is configured, which serves where none does."""

    context: Context

    def serve(self, folder: Path | None) -> Callable[[], None]:
        """Check the version in a folder, and see that the server has it; what is returned makes it serve at once.

        A server that is away does not hinder it: it is checked when it is there again, before it is asked anything.

        Raises:
            ArtefactError: it cannot be served.
        """
        gateway = self.context.model
        if folder is None:
            return (lambda: None) if gateway is None else partial(gateway.switch, None)
        manifest = read_version(folder)
        gateway, model = self._adaptable(manifest)
        try:
            finished(_checked(model, manifest, folder))
        except ModelUnavailable as error:
            log = logging.getLogger("sllm.learning")
            log.warning("a version is checked later", extra={**told(manifest), "reason": str(error)})
        self._remember(manifest)
        return partial(gateway.switch, Tuned(model.tuned(manifest.tag), manifest, folder))

    async def discard(self, tag: str) -> None:
        """Take a tag off the server.

        Raises:
            PluginError: it cannot be taken off now.
        """
        gateway = self.context.model
        model = None if gateway is None else gateway.model
        if gateway is None or not isinstance(model, Adaptable):
            raise PluginError(f"{tag} is left on its server: the model that it belongs to is not enabled")
        if isinstance(gateway.serving, Tuned) and gateway.serving.tag == tag:
            raise PluginError(f"{tag} serves now, and is not taken away")
        copy = model.tuned(tag)
        try:
            await copy.withdraw(tag)
        except (ModelUnavailable, ModelRefused) as error:
            raise DeploymentError(f"{tag} is left on its server: {error}") from error
        finally:
            await copy.close()

    def _adaptable(self, manifest: Manifest) -> tuple[Gateway, Adaptable]:
        gateway = self.context.model
        if gateway is None or not isinstance(gateway.model, Adaptable):
            raise ArtefactError(f"{manifest.tag} needs [plugins.ollama], which is not what [model] asks")
        return gateway, gateway.model

    def _remember(self, manifest: Manifest) -> None:
        """What was measured of its odds holds for its verdicts, too."""
        said = manifest.calibrations
        known = {"sentiment": said.get("sentiment"), "severity": said.get("anomaly")}
        version = judge_version(Identity(manifest.tag, manifest.digest), self.context.language)
        if any(known.values()):
            self.context.store.remember(f"{CALIBRATION} {version}", known)


async def _checked(model: Adaptable, manifest: Manifest, folder: Path) -> None:
    copy = model.tuned(manifest.tag)
    try:
        await ensure(copy, manifest, folder)
    finally:
        await copy.close()


def finished(work: Coroutine[Any, Any, T]) -> T:
    """What the work returns, done in a loop of its own, whether or not one runs in this thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()
