from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapter_scene import TINY, PretendModel, PretendServer, random_adapter
from sllm_core.components import Context
from sllm_core.learning.artefacts import ArtefactError
from sllm_core.models import Calibration, Gateway, Identity, ModelAbsent, ModelUnavailable, Prompt
from sllm_core.models.adaptable import Gated
from sllm_core.plugin import PluginError
from sllm_core.review.judging import judge_version
from sllm_core.review.known import known_calibrations
from sllm_core.testing import ScriptedModel, context
from sllm_plugins.tuners.lora.export import export_adapter
from sllm_plugins.tuners.lora.manifest import FILE, Manifest, write_version
from sllm_plugins.tuners.lora.serving import Served

TAG = "sllm-tuned:20260101-0123456789ab"
QUESTION = Prompt(
    "judge",
    "1",
    "en",
    "Say good or bad.",
    "how is it?",
    {
        "type": "object",
        "properties": {"label": {"type": "string", "enum": ["good", "bad"]}},
        "required": ["label"],
        "additionalProperties": False,
    },
)


class Scene:
    """A server with a base, a version in a folder, and what serves it."""

    def __init__(self, folder: Path) -> None:
        self.server = PretendServer()
        self.gateway = Gateway(PretendModel(self.server))
        self.context: Context = replace(context(), model=self.gateway)
        self.served = Served(self.context)
        made = export_adapter(random_adapter(folder / "adapter"), TINY.about, folder / "a.gguf")
        digest = asyncio.run(PretendModel(self.server).deploy(TAG, made.file))
        self.manifest = Manifest(TAG, digest, made.digest, self.server.base, "tiny:1")
        self.folder = folder / "lora-version"
        write_version(self.folder, self.manifest, made.file)

    def serve(self) -> None:
        self.served.serve(self.folder)()

    def asked(self) -> str:
        """Which model answers now."""
        return asyncio.run(self._asked())

    async def _asked(self) -> str:
        try:
            return (await self.gateway.ask(QUESTION)).model
        except ModelUnavailable:
            await self.gateway.close()
            raise


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path)
    yield made
    asyncio.run(made.gateway.close())


def test_a_version_answers_under_its_name_once_it_serves_and_the_base_once_it_does_not(scene: Scene) -> None:
    switch = scene.served.serve(scene.folder)
    assert scene.gateway.serving is scene.gateway.model
    switch()
    assert scene.asked() == scene.manifest.name
    scene.served.serve(None)()
    assert scene.asked() == f"tiny:1@{scene.server.base[:12]}"


def test_a_tag_that_the_server_has_lost_is_put_there_again(scene: Scene) -> None:
    scene.server.tags.clear()
    scene.serve()
    assert scene.server.tags == {TAG: scene.manifest.digest} and scene.asked() == scene.manifest.name


def test_a_tag_that_is_lost_while_it_serves_is_put_there_again(scene: Scene) -> None:
    scene.serve()
    scene.server.tags.clear()
    assert scene.asked() == scene.manifest.name and TAG in scene.server.tags


def test_a_tag_with_another_content_is_not_served(scene: Scene) -> None:
    scene.server.tags[TAG] = "ee" * 32
    with pytest.raises(ArtefactError, match="is not what was measured"):
        scene.serve()
    assert scene.gateway.serving is scene.gateway.model


def test_a_tag_that_gets_another_content_while_it_serves_is_asked_no_more(scene: Scene) -> None:
    scene.serve()
    scene.server.tags[TAG] = "ee" * 32
    with pytest.raises(ModelAbsent, match=r"is not what was measured.*sllm model rollback lora"):
        scene.asked()


def test_a_version_for_other_weights_is_not_put_on_those_of_now(scene: Scene) -> None:
    scene.server.tags.clear()
    scene.server.base = "cd" * 32
    with pytest.raises(ArtefactError, match="is for other weights than those that tiny:1 has now; tune anew"):
        scene.serve()
    assert scene.server.tags == {}


def test_a_server_that_is_away_does_not_hinder_and_is_looked_at_later(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.server.away = ModelUnavailable("connection refused")
    with caplog.at_level(logging.WARNING, "sllm.learning"):
        scene.serve()
    assert [each.message for each in caplog.records] == ["a version is checked later"]
    scene.server.away = None
    scene.server.tags.clear()
    assert scene.asked() == scene.manifest.name


@pytest.mark.parametrize("file", [FILE, "manifest.json"])
def test_a_folder_with_a_damaged_file_is_not_served(scene: Scene, file: str) -> None:
    (scene.folder / file).write_bytes(b"{}")
    with pytest.raises(ArtefactError, match=r"cannot be read|not as it was written"):
        scene.serve()


def test_a_folder_that_is_gone_is_not_served(scene: Scene) -> None:
    shutil.rmtree(scene.folder)
    with pytest.raises(ArtefactError, match="cannot be read"):
        scene.serve()


def test_a_model_that_takes_no_adapter_serves_none(scene: Scene) -> None:
    for model in (None, Gateway(ScriptedModel([]))):
        with pytest.raises(ArtefactError, match=r"needs \[plugins.ollama\], which is not what \[model\] asks"):
            Served(replace(scene.context, model=model)).serve(scene.folder)


def test_what_serves_stands_no_trial_and_brings_its_calibrations(scene: Scene, tmp_path: Path) -> None:
    known = {"sentiment": Calibration(2.0, 9).to_json(), "anomaly": Calibration(3.0, 9).to_json()}
    write_version(tmp_path / "other", replace(scene.manifest, calibrations=known), scene.folder / FILE)
    scene.served.serve(tmp_path / "other")()
    assert isinstance(scene.gateway.serving, Gated) and scene.gateway.serving.gated
    version = judge_version(Identity(TAG, scene.manifest.digest), "en")
    found = known_calibrations(scene.context.store, version)
    assert (found.sentiment, found.severity) == (Calibration(2.0, 9), Calibration(3.0, 9))


def test_what_does_not_serve_is_discarded(scene: Scene) -> None:
    for _ in range(2):
        asyncio.run(scene.served.discard(TAG))
    assert scene.server.tags == {}


def test_what_serves_is_not_discarded(scene: Scene) -> None:
    scene.serve()
    with pytest.raises(PluginError, match="serves now"):
        asyncio.run(scene.served.discard(TAG))
    assert TAG in scene.server.tags


def test_what_cannot_be_discarded_now_is_told(scene: Scene) -> None:
    scene.server.away = ModelUnavailable("connection refused")
    with pytest.raises(PluginError, match=f"{TAG} is left on its server: connection refused"):
        asyncio.run(scene.served.discard(TAG))
    with pytest.raises(PluginError, match="is left on its server: the model that it belongs to is not enabled"):
        asyncio.run(Served(replace(scene.context, model=None)).discard(TAG))


def test_serving_may_be_called_where_a_loop_runs(scene: Scene) -> None:
    async def inside() -> None:
        scene.serve()

    asyncio.run(inside())
    assert scene.asked() == scene.manifest.name
