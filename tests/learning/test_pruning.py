from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from learning_scene import START
from sllm_core.classifier import Classifier
from sllm_core.learning.pruning import Pruned, Pruning
from sllm_core.learning.registry import Registry
from sllm_core.learning.versions import Version
from sllm_core.plugin import PluginError
from sllm_core.store import Store

SHIPPED = Classifier.load().version


@dataclass
class Discards:
    """A tuner that notes what it takes away, or cannot."""

    gone: list[str] = field(default_factory=list)
    broken: str = ""

    async def discard(self, lineage: Mapping[str, Any]) -> None:
        if self.broken and lineage["tag"] == self.broken:
            raise PluginError("the server is away")
        self.gone.append(lineage["tag"])


class Scene:
    """Versions of a tuner whose files are there, in the order in which they were made."""

    def __init__(self, store: Store) -> None:
        self.registry = Registry(store, {"lora": _serve})
        self.discards = Discards()
        self.pruning = Pruning(self.registry, {"lora": self.discards})
        assert self.registry.models is not None
        self.models: Path = self.registry.models

    def make(self, number: int, state: str = "passed", base: str = "lora-base", data: str = "") -> str:
        name = f"lora-{number}"
        digest = data or f"d{number}"
        for folder in (name, f"data-{digest}"):
            (self.models / folder).mkdir(parents=True, exist_ok=True)
        lineage = {"data": digest, "tag": name}
        at = START + timedelta(minutes=number)
        self.registry.keep(Version(name, "lora", state, at, base, lineage=lineage, folder=name))
        return name

    def promote(self, *numbers: int) -> None:
        for number in numbers:
            self.registry.promote(self.make(number), "tuning")

    def prune(self, keep: int = 3) -> Pruned:
        return asyncio.run(self.pruning.prune(keep))

    @property
    def files(self) -> list[str]:
        return sorted(each.name for each in self.models.iterdir())

    @property
    def names(self) -> list[str]:
        return [each.name for each in self.registry.versions()]


def _serve(folder: Path | None) -> Callable[[], None]:
    return lambda: None


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with Store(tmp_path) as store:
        yield Scene(store)


def test_there_is_nothing_to_prune_at_first(scene: Scene) -> None:
    assert scene.prune() == Pruned(())


def test_the_way_back_is_kept_and_what_is_further_goes(scene: Scene) -> None:
    scene.promote(1, 2, 3, 4, 5)
    assert scene.prune(keep=2).removed == ("lora-1", "lora-2")
    assert scene.names == ["lora-5", "lora-4", "lora-3", "lora-base", SHIPPED]
    assert scene.files == ["data-d3", "data-d4", "data-d5", "lora-3", "lora-4", "lora-5"]
    assert scene.discards.gone == ["lora-1", "lora-2"]


def test_one_can_still_go_back_after_it(scene: Scene) -> None:
    scene.promote(1, 2, 3)
    scene.prune(keep=1)
    assert [scene.registry.rollback("lora", "kim").name for _ in range(2)] == ["lora-2", "lora-base"]


def test_what_holds_is_kept_always(scene: Scene) -> None:
    scene.promote(1, 2)
    scene.prune(keep=0)
    assert scene.names == ["lora-2", "lora-base", SHIPPED]


def test_the_latest_that_was_measured_beside_what_holds_is_kept(scene: Scene) -> None:
    for number in (1, 2, 3):
        scene.make(number, "refused")
    assert scene.prune().removed == ("lora-1", "lora-2")


def test_data_that_another_version_was_made_of_stay(scene: Scene) -> None:
    scene.make(1, "refused", data="same")
    scene.make(2, "refused", data="same")
    scene.prune()
    assert scene.files == ["data-same", "lora-2"]


def test_what_cannot_be_taken_away_elsewhere_is_kept_and_told(scene: Scene) -> None:
    for number in (1, 2, 3):
        scene.make(number, "refused")
    scene.discards.broken = "lora-1"
    assert scene.prune() == Pruned(("lora-2",), (("lora-1", "the server is away"),))
    assert "lora-1" in scene.files
    scene.discards.broken = ""
    assert scene.prune().removed == ("lora-1",)


def test_what_would_be_removed_can_be_asked(scene: Scene) -> None:
    scene.promote(1, 2, 3)
    assert [each.name for each in scene.pruning.superfluous(1)] == ["lora-1"]
    assert len(scene.names) == 5
