"""A version from end to end, on a real server: trained (in no time), put there, compared, served, gone back from."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapter_scene import needs_extra, random_adapter
from ollama_server import drop_model
from sllm_core.learning.candidate import Candidate, TuningWork
from sllm_core.learning.dataset import Dataset, Example, Part
from sllm_core.models import Gateway, Prompt
from sllm_core.testing import context
from sllm_plugins.models.ollama import OllamaConfig
from sllm_plugins.models.ollama.model import OllamaModel
from sllm_plugins.tuners.lora import tuner
from sllm_plugins.tuners.lora.checkpoints import digest_of
from sllm_plugins.tuners.lora.config import LoraConfig
from sllm_plugins.tuners.lora.training import Trained
from sllm_plugins.tuners.lora.tuner import LoraTuner

SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string", "enum": ["yes", "no", "maybe"]}},
    "required": ["answer"],
    "additionalProperties": False,
}
QUESTIONS = [Prompt("judge", "1", "en", "Answer in JSON.", f"disk {n} is full", SCHEMA, 64) for n in range(4)]
DATASET = Dataset(
    tuple(
        Example("sentiment", f"{number:016x}", f"disk {number} is full", "negative", part)
        for number, part in enumerate[Part](("train", "dev"))
    ),
    digest="d" * 16,
)


class Scene:
    """A tuner on a real server, whose training gives a random adapter with a large effect at once."""

    def __init__(self, url: str, base: tuple[str, Path], folder: Path) -> None:
        self.model = OllamaModel("ollama", OllamaConfig(url=url, model=base[0]))
        self.gateway, self.folder, self.base = Gateway(self.model), folder, base[1]
        self.tuner = LoraTuner("lora", LoraConfig(devices="cpu", threads=1), replace(context(), model=self.gateway))

    async def train(self, *_: object) -> Trained:
        folder = random_adapter(self.folder / "training", strength=0.5)
        digest = digest_of(folder / "adapter_model.safetensors")
        return Trained(folder, digest, {"numbers": "float32"}, self.base)

    async def tune(self) -> Candidate:
        work = self.folder / "work"
        work.mkdir()
        candidate = await self.tuner.tune(DATASET, TuningWork("run-1", work, 7, lambda step: None))
        for each in (candidate.incumbent, candidate.candidate):
            await each.close()  # type: ignore[attr-defined]
        return candidate

    async def answers(self) -> list[object]:
        """What is answered now, to the last digit, and by which model."""
        replies = [await self.gateway.ask(each) for each in QUESTIONS]
        return [(each.text, each.tokens, each.model) for each in replies]


@pytest.fixture
def scene(ollama_url: str, base: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    needs_extra()
    made = Scene(ollama_url, base, tmp_path)
    monkeypatch.setattr(tuner, "train", made.train)
    monkeypatch.setattr(tuner, "COMPARED", 1)
    yield made
    for tag in made.tuner._context.store.recall("tags.lora") or ():  # type: ignore[attr-defined]
        drop_model(ollama_url, tag)


def test_a_version_is_put_on_the_server_compared_served_gone_back_from_and_put_there_again(scene: Scene) -> None:
    async def lives() -> None:
        before = await scene.answers()
        candidate = await scene.tune()
        assert candidate.metrics["parity"]["holds"] and candidate.metrics["parity"]["effect"] > 1
        assert await scene.answers() == before
        (await asyncio.to_thread(scene.tuner.serve, candidate.artefact))()
        tuned = await scene.answers()
        assert {each[2] for each in tuned} == {candidate.version}  # type: ignore[index]
        assert [each[:2] for each in tuned] != [each[:2] for each in before]  # type: ignore[index]
        scene.tuner.serve(None)()
        assert await scene.answers() == before
        await scene.model.withdraw(candidate.lineage["tag"])
        (await asyncio.to_thread(scene.tuner.serve, candidate.artefact))()
        assert await scene.answers() == tuned
        scene.tuner.serve(None)()
        await scene.tuner.discard(candidate.lineage)
        assert await scene.model.deployed(candidate.lineage["tag"]) is None
        await scene.gateway.close()

    asyncio.run(lives())
