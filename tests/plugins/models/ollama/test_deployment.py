from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from adapter_scene import TINY, random_adapter
from ollama_server import drop_model
from sllm_core.models import ModelRefused
from sllm_core.models.adaptable import Adaptable, DeploymentError
from sllm_core.models.language_model import Prompt
from sllm_plugins.models.ollama import OllamaConfig
from sllm_plugins.models.ollama.model import OllamaModel
from sllm_plugins.tuners.lora.checkpoints import digest_of
from sllm_plugins.tuners.lora.export import export_adapter

T = TypeVar("T")
Base = tuple[str, Path]
SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string", "enum": ["yes", "no", "maybe"]}},
    "required": ["answer"],
    "additionalProperties": False,
}
PROMPTS = [Prompt("judge", "1", "en", "Answer in JSON.", f"disk {n} is full", SCHEMA, 32) for n in range(4)]


@pytest.fixture
def tag(ollama_url: str) -> Iterator[str]:
    """A name for a tag that may be deployed; it is gone after the test."""
    name = f"sllm-tuned:test-{uuid.uuid4().hex[:12]}"
    yield name
    drop_model(ollama_url, name)


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    return exported(tmp_path, 7)


def exported(folder: Path, seed: int) -> Path:
    made = random_adapter(folder / f"adapter-{seed}", seed=seed, strength=1.0)
    return export_adapter(made, TINY.about, folder / f"{seed}.gguf").file


def opened(url: str, tag: str) -> OllamaModel:
    return OllamaModel("ollama", OllamaConfig(url=url, model=tag))


def done(model: OllamaModel, *calls: Callable[[], Awaitable[T]]) -> list[T]:
    """What the calls return, one after another; then the model is closed."""

    async def scene() -> list[T]:
        try:
            return [await call() for call in calls]
        finally:
            await model.close()

    return asyncio.run(scene())


async def answers(model: Adaptable) -> list[object]:
    try:
        return [(said.text, said.tokens) for said in [await model.complete(each) for each in PROMPTS]]
    finally:
        await model.close()


def test_the_base_is_known_with_its_file(ollama_url: str, base: Base) -> None:
    (found,) = done(model := opened(ollama_url, base[0]), model.base)
    assert isinstance(model, Adaptable)
    assert (found.tag, found.digest) == (base[0], digest_of(base[1]))
    assert found.about["llama.block_count"] == TINY.layers
    assert found.template.startswith("{{- range .Messages }}")
    assert found.file is None or found.file.name == f"sha256-{found.digest}"


def test_an_adapter_answers_under_its_tag_and_the_base_as_before(
    ollama_url: str, base: Base, tag: str, adapter: Path
) -> None:
    async def scene() -> None:
        model = opened(ollama_url, base[0])
        before = await answers(model)
        digest = await model.deploy(tag, adapter)
        identity = await (tuned := model.tuned(tag)).identify()
        assert (identity.tag, identity.digest) == (tag, digest) and tuned.name != model.name
        assert await answers(tuned) != before
        assert await answers(model) == before
        await model.close()

    asyncio.run(scene())


def test_the_same_adapter_again_is_as_once(ollama_url: str, base: Base, tag: str, adapter: Path) -> None:
    model = opened(ollama_url, base[0])
    found = done(model, *[lambda: model.deploy(tag, adapter)] * 2, lambda: model.deployed(tag))
    assert len(set(found)) == 1


def test_another_adapter_under_the_same_tag_is_refused(
    ollama_url: str, base: Base, tag: str, adapter: Path, tmp_path: Path
) -> None:
    async def scene() -> None:
        model = opened(ollama_url, base[0])
        digest = await model.deploy(tag, adapter)
        with pytest.raises(DeploymentError, match=f"there already, with another content; .* ollama rm {tag}"):
            await model.deploy(tag, exported(tmp_path, 8))
        assert await model.deployed(tag) == digest
        await model.close()

    asyncio.run(scene())


def test_adapters_are_never_put_on_one_another(ollama_url: str, base: Base, tag: str, adapter: Path) -> None:
    async def scene() -> None:
        model = opened(ollama_url, base[0])
        await model.deploy(tag, adapter)
        tuned = opened(ollama_url, tag)
        for call in (tuned.base(), tuned.deploy(f"{tag}-2", adapter)):
            with pytest.raises(DeploymentError, match=r"has an adapter itself; .* tag that it was made from"):
                await call
        assert await tuned.deployed(f"{tag}-2") is None
        copy = model.tuned(tag)
        assert (await copy.base()).tag == base[0]
        for each in (model, tuned, copy):
            await each.close()

    asyncio.run(scene())


def test_a_base_that_is_not_there_is_not_pulled(ollama_url: str, tag: str, adapter: Path) -> None:
    missing = f"sllm-test-missing:{uuid.uuid4().hex[:8]}"
    with pytest.raises(ModelRefused, match=f"not found; type: ollama pull {missing}"):
        done(model := opened(ollama_url, missing), lambda: model.deploy(tag, adapter))


def test_a_file_that_is_no_adapter_is_refused_and_no_tag_is_left(
    ollama_url: str, base: Base, tag: str, tmp_path: Path
) -> None:
    (tmp_path / "none.gguf").write_bytes(b"no adapter" * 100)

    async def scene() -> None:
        model = opened(ollama_url, base[0])
        with pytest.raises(DeploymentError, match=f"does not make {tag} of {base[0]} and the adapter: "):
            await model.deploy(tag, tmp_path / "none.gguf")
        assert await model.deployed(tag) is None
        await model.close()

    asyncio.run(scene())


def test_an_adapter_that_is_not_there_is_told(ollama_url: str, base: Base, tag: str, tmp_path: Path) -> None:
    with pytest.raises(DeploymentError, match=r"none\.gguf cannot be read"):
        done(model := opened(ollama_url, base[0]), lambda: model.deploy(tag, tmp_path / "none.gguf"))


def test_what_is_withdrawn_is_gone_and_may_be_withdrawn_again(
    ollama_url: str, base: Base, tag: str, adapter: Path
) -> None:
    async def scene() -> None:
        model = opened(ollama_url, base[0])
        digest = await model.deploy(tag, adapter)
        assert (await model.tags())[tag] == digest
        await model.withdraw(tag)
        await model.withdraw(tag)
        assert await model.deployed(tag) is None and tag not in await model.tags()
        assert await model.deploy(tag, adapter) == digest
        await model.close()

    asyncio.run(scene())


@pytest.mark.parametrize(
    "name", ["tiny", "llama3:latest", "sllm-tuned", "sllm-tuned:", "sllm-tuned:a/b", "x/sllm-tuned:a"]
)
def test_no_other_tag_is_made_or_deleted(ollama_url: str, base: Base, adapter: Path, name: str) -> None:
    told = "is no tag that adapters are put under: they begin with sllm-tuned:"
    with pytest.raises(DeploymentError, match=told):
        done(model := opened(ollama_url, base[0]), lambda: model.withdraw(name))
    with pytest.raises(DeploymentError, match=told):
        done(again := opened(ollama_url, base[0]), lambda: again.deploy(name, adapter))


def test_a_tuned_tag_that_is_gone_is_not_to_be_pulled(ollama_url: str, base: Base, tag: str) -> None:
    with pytest.raises(ModelRefused, match="not found; start sllm again, or type: sllm model rollback lora"):
        done(model := opened(ollama_url, base[0]).tuned(tag), model.identify)


def test_a_prompt_is_shown_as_the_server_fills_its_template(ollama_url: str, base: Base) -> None:
    (text,) = done(model := opened(ollama_url, base[0]), lambda: model.rendered(PROMPTS[0]))
    assert text == (
        "<|start_header_id|>system<|end_header_id|>\n\nAnswer in JSON.<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\ndisk 0 is full<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n"
    )
