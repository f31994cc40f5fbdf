from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from adapter_scene import PretendModel, PretendServer, random_adapter
from sllm_core.learning.candidate import Candidate, TuningWork
from sllm_core.learning.dataset import Dataset, Example, Part
from sllm_core.learning.orders import Step
from sllm_core.models import Gateway, ModelRefused, ModelUnavailable
from sllm_core.plugin import PluginError
from sllm_core.store import Store
from sllm_core.store.versions import VersionRow
from sllm_core.testing import START, ScriptedModel, context
from sllm_plugins.tuners.lora import deploying, tuner
from sllm_plugins.tuners.lora.checkpoints import digest_of
from sllm_plugins.tuners.lora.config import LoraConfig
from sllm_plugins.tuners.lora.manifest import FILE, read_version
from sllm_plugins.tuners.lora.parity import Parity, ParityError
from sllm_plugins.tuners.lora.training import Trained
from sllm_plugins.tuners.lora.tuner import LoraTuner, NothingToTune

STEPS = ("export", "upload", "parity", "candidate")
PARITY = Parity(0.01, 0.01, 1.0, 9, 0)


class Killed(BaseException):
    """The process ends here."""


def example(number: int, part: Part) -> Example:
    return Example("sentiment", f"{number:016x}", f"disk {number} is full", "negative", part)


DATASET = Dataset(tuple(example(number, "train" if number else "dev") for number in range(4)), digest="d" * 16)


@dataclass
class Scene:
    """A tuner whose training gives an adapter at once, and whose server is in memory."""

    folder: Path
    server: PretendServer = field(default_factory=PretendServer)
    parity: Parity | Exception = PARITY
    seed: int = 7
    steps: list[str] = field(default_factory=list)
    compared: int = 0
    killed: tuple[str, bool] | None = None

    def __post_init__(self) -> None:
        self.gateway = Gateway(PretendModel(self.server))
        self.tuner = LoraTuner("lora", LoraConfig(), replace(context(), model=self.gateway))

    @property
    def store(self) -> Store:
        return self.tuner._context.store

    def tune(self, dataset: Dataset = DATASET) -> Candidate:
        """A candidate, whose answers are closed."""

        async def scene() -> Candidate:
            run = TuningWork("run-1", self.folder, 7, self.tell)
            self.folder.mkdir(exist_ok=True)
            candidate = await self.tuner.tune(dataset, run)
            for each in (candidate.incumbent, candidate.candidate):
                await each.close()  # type: ignore[attr-defined]
            return candidate

        return asyncio.run(scene())

    def tell(self, step: Step) -> None:
        self.steps.append(step.name)
        if self.killed == (step.name, step.done > 0):
            raise Killed

    async def train(self, *_: object) -> Trained:
        folder = random_adapter(self.folder / "training", seed=self.seed)
        weights = folder / "adapter_model.safetensors"
        return Trained(folder, digest_of(weights), {"numbers": "float32"}, weights)

    async def check(self, *_: object) -> Parity:
        self.compared += 1
        if isinstance(self.parity, Exception):
            raise self.parity
        return self.parity


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    made = Scene(tmp_path / "work")
    monkeypatch.setattr(tuner, "train", made.train)
    monkeypatch.setattr(deploying, "check_parity", made.check)
    yield made
    asyncio.run(made.gateway.close())


def test_a_candidate_is_a_tag_on_the_server_and_a_folder_that_can_be_served(scene: Scene) -> None:
    candidate = scene.tune()
    ((tag, digest),) = scene.server.tags.items()
    manifest = read_version(candidate.artefact)
    assert candidate.version == f"{tag}@{digest[:12]}" == manifest.name
    assert (candidate.base, candidate.lineage["tag"], manifest.digest) == ("lora-base", tag, digest)
    assert manifest.adapter == digest_of(candidate.artefact / FILE) == candidate.lineage["adapter"]
    assert candidate.metrics["parity"]["holds"] and json.dumps([dict(candidate.lineage), dict(candidate.metrics)])
    assert tuple(dict.fromkeys(scene.steps)) == STEPS


def test_each_side_is_asked_by_its_own_tag(scene: Scene) -> None:
    async def sides(candidate: Candidate) -> tuple[str, str]:
        before, after = candidate.incumbent, candidate.candidate
        return before.model, after.model  # type: ignore[attr-defined]

    candidate = scene.tune()
    assert asyncio.run(sides(candidate)) == (f"tiny:1@{scene.server.base[:12]}", candidate.version)


def test_what_serves_is_what_the_next_candidate_is_measured_beside(scene: Scene) -> None:
    first = scene.tune()
    scene.tuner.serve(first.artefact)()
    scene.seed = 8
    (scene.folder / "made").rename(scene.folder.parent / "lora-first")
    second = scene.tune()
    assert (second.base, second.version != first.version) == (first.version, True)
    assert second.incumbent.model == first.version  # type: ignore[attr-defined]


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("step", STEPS)
def test_a_run_that_is_killed_at_a_step_is_gone_on_with(scene: Scene, step: str, done: bool) -> None:
    scene.killed = (step, done)
    with pytest.raises(Killed):
        scene.tune()
    assert scene.gateway.serving is scene.gateway.model
    scene.killed = None
    candidate = scene.tune()
    assert list(scene.server.tags) == [candidate.lineage["tag"]]
    assert read_version(candidate.artefact).name == candidate.version


def test_what_was_compared_before_a_kill_is_not_compared_again(scene: Scene) -> None:
    scene.killed = ("candidate", False)
    with pytest.raises(Killed):
        scene.tune()
    scene.killed = None
    assert scene.tune().metrics["parity"]["gap"] == 0.01 and scene.compared == 1


def test_a_tag_that_a_killed_run_lost_is_made_again_under_the_same_name(scene: Scene) -> None:
    scene.killed = ("parity", False)
    with pytest.raises(Killed):
        scene.tune()
    (tag,) = scene.server.tags
    scene.server.tags.clear()
    scene.killed = None
    assert scene.tune().lineage["tag"] == tag


def test_what_is_damaged_after_a_kill_is_made_again(scene: Scene) -> None:
    scene.killed = ("candidate", True)
    with pytest.raises(Killed):
        scene.tune()
    for name in (FILE, "upload.json", "parity.json", f"made/{FILE}"):
        (scene.folder / name).write_bytes(b"{")
    scene.killed = None
    candidate = scene.tune()
    assert read_version(candidate.artefact).name == candidate.version and scene.compared == 2


def test_a_server_that_answers_otherwise_than_was_trained_keeps_no_tag(scene: Scene) -> None:
    scene.parity = ParityError("a gap of 3")
    with pytest.raises(ParityError):
        scene.tune()
    assert scene.server.tags == {} and not (scene.folder / "made").exists()


@pytest.mark.parametrize(
    ("error", "told"),
    [(ModelUnavailable("reset"), "went away: reset; the next run goes on"), (ModelRefused("no room"), "no room")],
)
def test_a_server_that_takes_no_adapter_is_told(scene: Scene, error: Exception, told: str) -> None:
    scene.server.refusing = error
    with pytest.raises(PluginError, match=told):
        scene.tune()
    scene.server.refusing = None
    assert scene.tune().version


def test_the_tag_of_a_run_whose_labels_have_changed_is_deleted_by_the_next(scene: Scene, tmp_path: Path) -> None:
    scene.killed = ("candidate", False)
    with pytest.raises(Killed):
        scene.tune()
    scene.killed, scene.folder, scene.seed = None, tmp_path / "other", 8
    candidate = scene.tune()
    assert list(scene.server.tags) == [candidate.lineage["tag"]]


def test_tags_of_versions_and_of_others_are_left_alone(scene: Scene, tmp_path: Path) -> None:
    scene.server.tags["sllm-tuned:20260101-aaaaaaaaaaaa"] = "aa" * 32
    first = scene.tune()
    scene.store.versions.keep(VersionRow(first.version, "lora", "refused", START, {"lineage": dict(first.lineage)}))
    scene.folder, scene.seed = tmp_path / "other", 8
    second = scene.tune()
    kept = {"sllm-tuned:20260101-aaaaaaaaaaaa", first.lineage["tag"], second.lineage["tag"]}
    assert set(scene.server.tags) == kept


def test_a_version_that_is_discarded_leaves_nothing_on_the_server(scene: Scene) -> None:
    candidate = scene.tune()
    for lineage in (candidate.lineage, candidate.lineage, {}):
        asyncio.run(scene.tuner.discard(lineage))
    assert scene.server.tags == {}


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (lambda: None, r"tunes the model of \[plugins.ollama\], which is not enabled"),
        (
            lambda: Gateway(ScriptedModel([], name="gpt")),
            "no adapter can be put on the model gpt: only Ollama takes one",
        ),
    ],
)
def test_without_a_model_that_takes_adapters_there_is_nothing_to_tune(
    tmp_path: Path, model: Callable[[], Gateway | None], told: str
) -> None:
    made = LoraTuner("lora", LoraConfig(), replace(context(), model=model()))
    with pytest.raises(NothingToTune, match=told):
        asyncio.run(made.tune(DATASET, TuningWork("run-1", tmp_path, 7, lambda step: None)))


def test_without_labels_to_learn_from_there_is_nothing_to_tune(scene: Scene) -> None:
    with pytest.raises(NothingToTune, match="none of the labels can be asked about"):
        scene.tune(Dataset())


def test_a_server_that_is_away_is_told_before_anything_is_trained(scene: Scene) -> None:
    scene.server.away = ModelUnavailable("connection refused")
    with pytest.raises(NothingToTune, match="server is away: connection refused; the next run goes on from here"):
        scene.tune()
    assert not (scene.folder / "training").exists()
