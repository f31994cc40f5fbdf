"""Removes versions that nobody goes back to, with all that they left."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sllm_core.components import Discarding
from sllm_core.learning.artefacts import UNFINISHED
from sllm_core.learning.dataset_files import DATA
from sllm_core.learning.registry import Registry
from sllm_core.learning.versions import Version
from sllm_core.models import ModelRefused, ModelUnavailable
from sllm_core.plugin import PluginError

KEEP = 3
"""Through so many versions one can go back, besides the one of now."""


@dataclass(frozen=True)
class Pruned:
    """What was removed, by name, and what could not be: name and why."""

    removed: tuple[str, ...]
    failed: tuple[tuple[str, str], ...] = ()


class Pruning:
    """Prunes the versions of one store; no run of tuning may be at work meanwhile.

    Kept are, of each tuner: the version that holds, the `keep` that rollbacks lead through, what was there first, and
    what was measured beside the version that holds and would be made again from the same labels: the latest of those.

    Args:
        discarding: the tuners that leave something outside the folders of versions, by name.
    """

    def __init__(self, registry: Registry, discarding: Mapping[str, Discarding]) -> None:
        self._registry, self._discarding = registry, discarding

    def superfluous(self, keep: int = KEEP) -> list[Version]:
        """What would be removed, the oldest first.

        Raises:
            StoreError: the store cannot be read.
        """
        versions = self._registry.versions()
        kept = {name for tuner in {each.tuner for each in versions} for name in self._kept(versions, tuner, keep)}
        return [each for each in reversed(versions) if each.name not in kept and each.state != "shipped"]

    async def prune(self, keep: int = KEEP) -> Pruned:
        """Remove them: first what they left elsewhere, then what is known of them, then their files. Killed on the way,
        the next call goes on; what cannot be taken away elsewhere is kept as it is.

        Raises:
            StoreError: the store refused; what was removed before is gone.
        """
        removed, failed = list[str](), list[tuple[str, str]]()
        for version in await asyncio.to_thread(self.superfluous, keep):
            try:
                await self._discarded(version)
            except (PluginError, ModelUnavailable, ModelRefused) as error:
                failed.append((version.name, str(error)))
                continue
            await asyncio.to_thread(self._forget, version)
            removed.append(version.name)
        return Pruned(tuple(removed), tuple(failed))

    async def _discarded(self, version: Version) -> None:
        tuner = self._discarding.get(version.tuner)
        if tuner is not None:
            await tuner.discard(version.lineage)

    def _kept(self, versions: Iterable[Version], tuner: str, keep: int) -> list[str]:
        way = self._registry.way(tuner)
        mine = [each for each in versions if each.tuner == tuner]
        beside = [each.name for each in mine if each.base == way[0] and each.state in ("passed", "refused")]
        return [*way[: keep + 1], *beside[:1]]

    def _forget(self, version: Version) -> None:
        self._registry.forget(version)
        models = self._registry.models
        if models is None:
            return
        left = self._registry.versions()
        if version.folder and all(each.folder != version.folder for each in left):
            _remove(models, version.folder)
        if (data := version.lineage.get("data")) and all(each.lineage.get("data") != data for each in left):
            _remove(models, f"{DATA}{data}")


def _remove(models: Path, name: str) -> None:
    """Under a name of what is unfinished first, so that half a folder is never taken for a whole one."""
    place, beside = models / name, models / f"{UNFINISHED}pruned-{name}"
    if place.parent == models and place.is_dir():
        shutil.rmtree(beside, ignore_errors=True)
        os.rename(place, beside)
        shutil.rmtree(beside, ignore_errors=True)
