"""What runs of tuning work with, and the clearing of what they have left."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sllm_core.learning.artefacts import UNFINISHED, clear
from sllm_core.learning.building import Builder
from sllm_core.learning.dataset_files import DATA
from sllm_core.learning.gate import Gate
from sllm_core.learning.registry import Registry
from sllm_core.learning.versions import Version
from sllm_core.learning.work import is_resuming
from sllm_core.models import ModelRefused, ModelUnavailable
from sllm_core.plugin import PluginError
from sllm_core.tuners import Discarding, Tuner

KEPT = timedelta(days=7)
"""How long the files of a version are kept that was refused: somebody may want to look at it."""


@dataclass(frozen=True)
class Bench:
    """What every run of tuning works with."""

    registry: Registry
    builder: Builder
    gate: Gate
    seed: int = 0

    @property
    def models(self) -> Path:
        """Where versions are kept.

        Raises:
            PluginError: the store is in memory.
        """
        if self.registry.models is None:
            raise PluginError("tuning needs a store on disk: name its folder with [store] path")
        return self.registry.models

    def folder(self, tuner: str) -> Path:
        """Where a tuner works."""
        return self.models / f"{UNFINISHED}{tuner}"

    async def clean(self, tuners: Mapping[str, Tuner]) -> None:
        """Remove what is of no use any more: versions without a verdict, which runs have left that were killed, the
        files of those that were refused long ago, and folders that are of no version.

        What a version has left outside its folder is taken away first; while that cannot be, the version stays.
        """
        for each in await asyncio.to_thread(self.registry.versions):
            if _is_left(each) and await _discarded(tuners, each):
                await asyncio.to_thread(self._drop, each)
        working = [self.folder(name).name for name, each in tuners.items() if is_resuming(each)]
        await asyncio.to_thread(self._clear, working)

    def _drop(self, version: Version) -> None:
        if version.state == "made":
            self.registry.forget(version)
        else:
            self.registry.keep(replace(version, folder=None))

    def _clear(self, working: Iterable[str]) -> None:
        versions = self.registry.versions()
        data = {f"{DATA}{each.lineage.get('data')}" for each in versions if each.state != "made" or each.current}
        clear(self.models, {*(each.folder for each in versions if each.folder), *data, *working})


def _is_left(version: Version) -> bool:
    if version.current or version.folder is None:
        return False
    is_old = version.made is not None and datetime.now(UTC) - version.made > KEPT
    return version.state == "made" or (version.state == "refused" and is_old)


async def _discarded(tuners: Mapping[str, Tuner], version: Version) -> bool:
    """Whether nothing is left of a version outside its folder."""
    tuner = tuners.get(version.tuner)
    try:
        if isinstance(tuner, Discarding):
            await tuner.discard(version.lineage)
    except (PluginError, ModelUnavailable, ModelRefused) as error:
        told = {"version": version.name, "reason": str(error)}
        logging.getLogger("sllm.learning").warning("what a version has left cannot be removed yet", extra=told)
        return False
    return True
