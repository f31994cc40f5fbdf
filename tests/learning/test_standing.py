from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from sllm_core.learning.artefacts import ArtefactError
from sllm_core.learning.candidate import Candidate, TuningWork
from sllm_core.learning.dataset import Dataset
from sllm_core.learning.registry import Registry
from sllm_core.learning.standing import serve_standing
from sllm_core.learning.versions import Version
from sllm_core.patterns import PatternTable
from sllm_core.store import Store
from sllm_core.testing import START


class Acme:
    """A tuner whose versions it serves itself; what serves now is in `serves`."""

    tasks: tuple[str, ...] = ("sentiment",)

    def __init__(self, name: str = "acme") -> None:
        self.name, self.serves, self.broken = name, "base", ""

    async def tune(self, dataset: Dataset, run: TuningWork) -> Candidate:
        raise NotImplementedError

    def serve(self, folder: Path | None) -> Callable[[], None]:
        if self.broken:
            raise ArtefactError(self.broken)
        name = "base" if folder is None else folder.name
        return lambda: setattr(self, "serves", name)


class Plain:
    """A tuner whose versions core serves."""

    name = "plain"
    tasks: tuple[str, ...] = ("sentiment",)

    async def tune(self, dataset: Dataset, run: TuningWork) -> Candidate:
        raise NotImplementedError


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path, PatternTable())


def promoted(store: Store, tuner: Acme) -> Registry:
    registry = Registry(store, {tuner.name: tuner.serve})
    registry.keep(Version("acme-1", tuner.name, "passed", START, folder="acme-1"))
    registry.promote("acme-1", "test")
    return registry


def test_the_version_that_holds_serves_again_after_a_start(store: Store) -> None:
    promoted(store, Acme())
    serve_standing(store, [Plain(), again := Acme()])
    assert again.serves == "acme-1"


def test_where_none_was_promoted_the_base_serves(store: Store) -> None:
    serve_standing(store, [tuner := Acme()])
    assert tuner.serves == "base"


def test_what_was_gone_back_from_does_not_serve(store: Store) -> None:
    promoted(store, Acme()).rollback("acme", "test")
    serve_standing(store, [again := Acme()])
    assert again.serves == "base"


def test_where_it_cannot_be_served_the_base_does_from_then_on(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    registry = promoted(store, Acme())
    again = Acme()
    again.broken = "the tag was changed"
    with caplog.at_level(logging.ERROR, "sllm.learning"):
        serve_standing(store, [again])
    assert [vars(each)["reason"] for each in caplog.records] == ["the tag was changed"]
    assert (registry.current("acme").name, again.serves) == ("acme-base", "base")
    assert [each.state for each in registry.versions() if each.name == "acme-1"] == ["broken"]


def test_a_version_that_was_forgotten_does_not_serve(store: Store) -> None:
    registry = promoted(store, Acme())
    registry.forget(registry.current("acme"))
    serve_standing(store, [again := Acme()])
    assert (again.serves, registry.current("acme").name) == ("base", "acme-base")
