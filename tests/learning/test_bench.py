"""What a run clears away before it begins, and what a tuner that goes on finds again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from learning_scene import Group, Scripted, knowing, label_all, slightly
from sllm_core.classifier import Classifier
from sllm_core.classifier.corpus import read_corpus
from sllm_core.learning import gate
from sllm_core.learning.bench import KEPT, Bench
from sllm_core.learning.candidate import Candidate, TuningWork
from sllm_core.learning.dataset import Dataset
from sllm_core.learning.learning import Learning
from sllm_core.learning.orders import Order, Step, TuningResult
from sllm_core.learning.registry import RegistryError
from sllm_core.learning.standing import standing_verdicts
from sllm_core.learning.versions import Version
from sllm_core.plugin import PluginError
from sllm_core.redaction import Redactor
from sllm_core.settings.sections import LearningSection
from sllm_core.store import Store


@dataclass
class Leaving(Scripted):
    """Goes on where it was stopped, and leaves something on a server for each version."""

    resumes: bool = True
    found: list[list[str]] = field(default_factory=list)
    discarded: list[Mapping[str, Any]] = field(default_factory=list)
    fails: str = ""
    away: str = ""

    async def tune(self, dataset: Dataset, run: TuningWork) -> Candidate:
        self.found.append(sorted(each.name for each in run.folder.iterdir() if each.suffix != ".json"))
        (run.folder / "step-100").write_text("weights")
        if self.fails:
            raise PluginError(self.fails)
        made = await super().tune(dataset, run)
        return replace(made, lineage={"tag": "sllm-tuned:1"})

    async def discard(self, lineage: Mapping[str, Any]) -> None:
        if self.away:
            raise PluginError(self.away)
        self.discarded.append(lineage)


@dataclass
class Scene(Group):
    tuner: Leaving
    folder: Path

    def tune(self, stop: str = "") -> TuningResult:
        def tell(step: Step) -> None:
            if step.name == stop:
                raise KeyboardInterrupt

        return asyncio.run(self.learning.tuning.tune(Order(), "run-1", tell))

    @property
    def bench(self) -> Bench:
        return self.learning.tuning._bench

    def clean(self) -> None:
        asyncio.run(self.bench.clean({self.tuner.name: self.tuner}))

    def version(self) -> Version:
        return next(each for each in self.learning.registry.versions() if each.state != "shipped")


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setattr(gate, "read_corpus", lambda: read_corpus()[::20])
    with Store(tmp_path) as store:
        verdicts = standing_verdicts(store)
        tuner = Leaving(verdicts, slightly, odds=knowing(Classifier.load()))
        scene = Scene(
            store, Learning(store, verdicts, [tuner], LearningSection(), Redactor()), verdicts, tuner, tmp_path
        )
        label_all(scene)
        yield scene


def names(told: Scene) -> list[str]:
    return sorted(each.name.partition("-")[0] for each in (told.folder / "models").iterdir())


def test_a_tuner_that_goes_on_finds_what_it_had_left_when_it_failed(told: Scene) -> None:
    told.tuner.fails = "the server is away"
    with pytest.raises(PluginError, match="away"):
        told.tune()
    told.tuner.fails = ""
    assert told.tune().outcome == "promoted"
    assert told.tuner.found == [[], ["step-100"]]
    assert names(told) == ["classifier", "data"]


def test_new_labels_begin_afresh(told: Scene) -> None:
    told.tuner.fails = "the server is away"
    for _ in range(2):
        with pytest.raises(PluginError, match="away"):
            told.tune()
        label_all(told, [("a message of another kind", "warning")])
    assert told.tuner.found == [[], []]


def test_what_a_killed_run_left_elsewhere_is_taken_away_before_the_next(told: Scene) -> None:
    with pytest.raises(KeyboardInterrupt):
        told.tune(stop="gate")
    assert told.version().state == "made"
    told.clean()
    assert [each["tag"] for each in told.tuner.discarded] == ["sllm-tuned:1"]
    assert [each.state for each in told.learning.registry.versions()] == ["shipped"]


def test_while_it_cannot_be_taken_away_the_version_stays(told: Scene, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(KeyboardInterrupt):
        told.tune(stop="gate")
    told.tuner.away = "connection refused"
    with caplog.at_level(logging.WARNING):
        told.clean()
    assert (told.version().state, "cannot be removed yet" in caplog.text) == ("made", True)
    assert "classifier" in names(told)


def test_the_files_of_a_refused_version_go_after_a_week_and_what_is_known_of_it_stays(told: Scene) -> None:
    told.tuner.odds = None
    assert told.tune().outcome == "refused"
    told.clean()
    assert told.tuner.discarded == []
    version = told.version()
    assert version.made is not None
    told.learning.registry.keep(replace(version, made=version.made - KEPT - timedelta(hours=1)))
    told.clean()
    assert (len(told.tuner.discarded), told.version().folder, names(told)) == (1, None, ["data"])
    with pytest.raises(RegistryError, match="files were removed"):
        told.learning.registry.promote(version.name, "kim", force=True)


def test_what_held_is_never_cleared(told: Scene) -> None:
    told.tune()
    version = told.version()
    assert version.made is not None
    told.learning.registry.keep(replace(version, made=version.made - 2 * KEPT))
    told.clean()
    assert (told.tuner.discarded, told.learning.registry.current().name) == ([], version.name)
