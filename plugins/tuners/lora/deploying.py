"""From a trained adapter to a version on the server, step by step; what a killed run has done is not done again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sllm_core.learning.orders import Step
from sllm_core.models.adaptable import Adaptable, BaseWeights, DeploymentError
from sllm_core.models.language_model import ModelRefused, ModelUnavailable, Prompt
from sllm_core.plugin import PluginError

from .export import export_adapter
from .manifest import FILE, Manifest
from .orders import write_whole
from .parity import Sides, check_parity

if TYPE_CHECKING:
    from sllm_core.learning.candidate import TuningWork

    from .config import LoraConfig
    from .training import Trained

UPLOAD, PARITY, COMPARING = "upload.json", "parity.json", "comparing"
PREFIX = "sllm-tuned"


class Withdrawn(PluginError):
    """The server does not serve what was trained; the tag was taken off it again."""

    exit_code = 1


@dataclass(frozen=True)
class Deploying:
    """What brings one training to the server.

    Args:
        noted: is called with each tag before it is made, so that it can be found and deleted.
    """

    config: LoraConfig
    model: Adaptable
    base: BaseWeights
    run: TuningWork
    noted: Callable[[str], None]

    async def deploy(self, trained: Trained, prompts: Sequence[Prompt]) -> Manifest:
        """The version as the server serves it, seen to answer as it was trained.

        Raises:
            PluginError: it cannot be served, or does not answer so; its tag is gone from the server again.
        """
        adapter = await self._exported(trained)
        manifest = await self._uploaded(adapter)
        try:
            return await self._compared(manifest, trained, prompts)
        except (PluginError, ModelRefused) as error:
            await self._withdrawn(manifest.tag)
            raise (error if isinstance(error, PluginError) else Withdrawn(str(error))) from error

    @property
    def file(self) -> Path:
        """The exported adapter."""
        return self.run.folder / FILE

    async def _exported(self, trained: Trained) -> str:
        """The SHA-256 of the exported adapter, which follows from the training alone: it is written in no time."""
        self.run.tell(Step("export", 0, 1))
        made = await asyncio.to_thread(export_adapter, trained.folder, self.base.about, self.file)
        self.run.tell(Step("export", 1, 1, f"{made.size / 1e6:.1f} MB"))
        return made.digest

    async def _uploaded(self, adapter: str) -> Manifest:
        """The tag on the server."""
        tag = await asyncio.to_thread(self._tag, adapter)
        self.run.tell(Step("upload", 0, 1, tag))
        try:
            digest = await self.model.deploy(tag, self.file)
        except ModelUnavailable as error:
            raise DeploymentError(f"the server went away: {error}; the next run goes on from here") from error
        except ModelRefused as error:
            raise DeploymentError(f"the server does not take the adapter: {error}") from error
        self.run.tell(Step("upload", 1, 1, tag))
        return Manifest(tag, digest, adapter, self.base.digest, self.base.tag)

    def _tag(self, adapter: str) -> str:
        """The name of the tag: the day on which it was chosen, and what its content follows from."""
        content = sha256(f"{self.base.digest} {adapter}".encode()).hexdigest()[:12]
        known = going_on(self.run.folder)
        if not known.endswith(f"-{content}"):
            known = f"{PREFIX}:{datetime.now(UTC):%Y%m%d}-{content}"
            write_whole(self.run.folder / UPLOAD, json.dumps({"tag": known}))
        self.noted(known)
        return known

    async def _compared(self, manifest: Manifest, trained: Trained, prompts: Sequence[Prompt]) -> Manifest:
        file = self.run.folder / PARITY
        known = await asyncio.to_thread(read_json, file)
        if (known.get("tag"), known.get("digest")) == (manifest.tag, manifest.digest):
            return replace(manifest, parity=known["parity"])
        self.run.tell(Step("parity", 0, len(prompts), manifest.tag))
        sides = Sides(trained.folder, trained.base, self.base.about, _numbers(trained.metrics))
        tuned = self.model.tuned(manifest.tag)
        try:
            parity = await check_parity(self.config, self.model, tuned, sides, prompts, self.run.folder / COMPARING)
        finally:
            await tuned.close()
        said = parity.to_json()
        kept = {"tag": manifest.tag, "digest": manifest.digest, "parity": said}
        await asyncio.to_thread(write_whole, file, json.dumps(kept))
        self.run.tell(Step("parity", len(prompts), len(prompts), f"a gap of {parity.gap:.3g} of {parity.bound:.3g}"))
        return replace(manifest, parity=said)

    async def _withdrawn(self, tag: str) -> None:
        with suppress(ModelUnavailable, ModelRefused, PluginError):
            await self.model.withdraw(tag)


def going_on(folder: Path) -> str:
    """The tag that a killed run has chosen, in whose folder the next one goes on; "" if there is none."""
    return str(read_json(folder / UPLOAD).get("tag", ""))


def read_json(file: Path) -> dict[str, Any]:
    """The JSON object in a file; {} where there is none that can be read."""
    with suppress(OSError, ValueError):
        said = json.loads(file.read_text(encoding="utf-8"))
        return said if isinstance(said, dict) else {}
    return {}


def _numbers(metrics: Mapping[str, Any]) -> str:
    """In which numbers the base is compared: as it was trained, but never in four bits, which are not those served."""
    said = metrics.get("numbers")
    return said if said in ("float32", "bfloat16") else "bfloat16"
