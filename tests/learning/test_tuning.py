from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from learning_scene import Group, Scripted, Team, knowing, label_all, otherwise, patterns_of, slightly, team
from sllm_core.classifier import Classifier
from sllm_core.classifier.corpus import read_corpus
from sllm_core.learning import artefacts, attempt, dataset_files, gate
from sllm_core.learning.artefacts import UNFINISHED
from sllm_core.learning.candidate import Candidate, TuningWork
from sllm_core.learning.dataset import Dataset
from sllm_core.learning.learning import Learning
from sllm_core.learning.orders import Order, Step, TuningResult
from sllm_core.learning.standing import standing_verdicts
from sllm_core.plugin import PluginError
from sllm_core.redaction import Redactor
from sllm_core.settings.sections import LearningSection
from sllm_core.store import Store

SHIPPED = Classifier.load().version


@pytest.fixture(autouse=True)
def short_corpus() -> Iterator[None]:
    """A twentieth of the corpus, as these runs are many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gate, "read_corpus", lambda: read_corpus()[::20])
        yield


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Team]:
    """A team whose tuner makes what knows its policy."""
    made = team(tmp_path)
    made.tuner.odds = knowing(Classifier.load())
    with made.store:
        yield made


def tune(told: Team, order: Order | None = None, tell: Callable[[Step], None] = lambda step: None) -> TuningResult:
    return asyncio.run(told.learning.tuning.tune(order or Order(), "run-1", tell))


def names(told: Group) -> list[str]:
    models = told.learning.registry.models
    return sorted(each.name for each in models.iterdir()) if models and models.exists() else []


def test_what_is_better_judges_from_then_on(told: Team) -> None:
    label_all(told)
    steps: list[Step] = []
    result = tune(told, tell=steps.append)
    assert (result.outcome, result.version) == ("promoted", told.verdicts.version)
    assert told.verdicts.version != SHIPPED
    assert list(dict.fromkeys(step.name for step in steps)) == ["dataset", "training", "gate", "promotion"]
    current = told.learning.registry.current()
    assert (current.name, current.state, current.base) == (result.version, "promoted", SHIPPED)
    assert (current.lineage["run"], current.report["outcome"]) == ("run-1", "promoted")
    assert names(told) == [f"classifier-{current.name[9:]}", f"data-{current.lineage['data']}"]


def test_too_few_labels_begin_no_training(told: Team) -> None:
    label_all(told, [("the pump is drifting beyond band", "critical")])
    result = tune(told)
    assert (result.outcome, result.version, told.tuner.runs) == ("insufficient", None, 0)
    assert result.report["missing"][0]["needed"] == 60


def test_what_is_worse_is_refused_and_never_serves(told: Team) -> None:
    label_all(told)
    told.tuner.odds, told.tuner.change = None, otherwise
    result = tune(told)
    assert (result.outcome, told.verdicts.version) == ("refused", SHIPPED)
    assert [each.state for each in told.learning.registry.versions()] == ["refused", "shipped"]


def test_a_dry_run_promotes_nothing_and_the_next_run_need_not_train(told: Team) -> None:
    label_all(told)
    dry = tune(told, Order(dry_run=True))
    assert (dry.outcome, told.verdicts.version) == ("dry run", SHIPPED)
    real = tune(told)
    assert (real.outcome, real.version, told.tuner.runs) == ("promoted", dry.version, 1)
    assert told.verdicts.version == dry.version


def test_nothing_new_is_not_learnt_again(told: Team) -> None:
    label_all(told)
    tune(told)
    again = tune(told)
    assert (again.outcome, told.tuner.runs) == ("insufficient", 1)
    assert "nothing was labelled since" in again.detail


def test_new_labels_are(told: Team) -> None:
    label_all(told)
    tune(told)
    label_all(told, [("a message of another kind", "warning")])
    tune(told)
    assert told.tuner.runs == 2


@pytest.mark.parametrize(
    ("order", "message"),
    [
        (Order(tuners=("lora",)), "no tuner is called lora; enabled: classifier"),
        (Order(tasks=("summary",)), "no tuner learns summary; there is anomaly"),
    ],
)
def test_an_order_that_cannot_be_obeyed_is_told(told: Team, order: Order, message: str) -> None:
    with pytest.raises(PluginError, match=message):
        tune(told, order)


def test_a_store_in_memory_has_no_place_for_versions() -> None:
    made = team(None)
    with made.store, pytest.raises(PluginError, match="store on disk"):
        tune(made)


class Killed(BaseException):
    """What ends a process, as far as the code can see."""


POINTS = ("dataset 0", "dataset 1", "training 0", "gate 0", "gate 1", "promotion 0")


@pytest.mark.parametrize("point", POINTS)
def test_killed_between_steps_the_next_run_begins_afresh(told: Team, tmp_path: Path, point: str) -> None:
    label_all(told)

    def tell(step: Step) -> None:
        if f"{step.name} {step.done}" == point:
            raise Killed

    with pytest.raises(Killed):
        tune(told, tell=tell)
    assert told.verdicts.version == told.learning.registry.current().name == SHIPPED
    check_the_next_run(told, tmp_path)


INSIDE = (
    (dataset_files, "install", 0),
    (attempt, "install", 0),
    (os, "rename", 1),
    (artefacts, "sync_folder", 0),
    (artefacts, "sync_folder", 2),
)


@pytest.mark.parametrize(("module", "name", "after"), INSIDE)
def test_killed_while_files_are_written(
    told: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: object, name: str, after: int
) -> None:
    label_all(told)
    kill(monkeypatch, module, name, after)
    with pytest.raises(Killed):
        tune(told)
    monkeypatch.undo()
    assert told.verdicts.version == told.learning.registry.current().name == SHIPPED
    check_the_next_run(told, tmp_path)


@pytest.mark.parametrize(("name", "after"), [("keep", 0), ("keep", 1), ("switch", 0)])
def test_killed_before_the_store_was_written(
    told: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, after: int
) -> None:
    label_all(told)
    kill(monkeypatch, type(told.store.versions), name, after)
    with pytest.raises(Killed):
        tune(told)
    monkeypatch.undo()
    assert told.verdicts.version == SHIPPED
    check_the_next_run(told, tmp_path)


def test_killed_right_after_the_switch_the_new_version_judges(
    told: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    label_all(told)
    kill(monkeypatch, told.verdicts, "use", 0)
    with pytest.raises(Killed):
        tune(told)
    monkeypatch.undo()
    name = told.learning.registry.current().name
    told.store.close()
    again = team(tmp_path)
    with again.store:
        assert again.verdicts.version == name != SHIPPED


def kill(monkeypatch: pytest.MonkeyPatch, where: object, name: str, after: int) -> None:
    """Let the process be killed when a function is called that often, and once more."""
    real, calls = getattr(where, name), [0]

    def killed(*args: object, **named: object) -> object:
        calls[0] += 1
        if calls[0] > after:
            raise Killed
        return real(*args, **named)

    monkeypatch.setattr(where, name, killed)


def check_the_next_run(told: Team, folder: Path) -> None:
    """The store as a new process finds it: the pointer is valid, and a run comes to its end and leaves no rest."""
    told.store.close()
    again = team(folder)
    again.tuner.odds = knowing(Classifier.load())
    with again.store:
        assert again.verdicts.version == SHIPPED
        assert again.verdicts.judge(np.array(patterns_of(again.store, ["x y z"]), np.uint64), [None]) is not None
        result = tune(again)
        assert (result.outcome, again.verdicts.version) == ("promoted", result.version)
        assert [each for each in names(again) if each.startswith(UNFINISHED)] == []
        assert len(names(again)) == 2


class Endless(Scripted):
    """Begins, and never ends."""

    begun: asyncio.Event

    async def tune(self, dataset: Dataset, run: TuningWork) -> Candidate:
        self.begun.set()
        await asyncio.Event().wait()
        return await super().tune(dataset, run)


def test_cancelled_it_leaves_no_rest(tmp_path: Path) -> None:
    store = Store(tmp_path)
    verdicts = standing_verdicts(store)
    tuner = Endless(verdicts, slightly)
    told = Group(store, Learning(store, verdicts, [tuner], LearningSection(), Redactor()), verdicts)

    async def scene() -> None:
        tuner.begun = asyncio.Event()
        task = asyncio.create_task(told.learning.tuning.tune(Order(), "run-1", lambda step: None))
        async with asyncio.timeout(60):
            await tuner.begun.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with store:
        label_all(told)
        asyncio.run(scene())
        assert [each for each in names(told) if each.startswith(UNFINISHED)] == []
