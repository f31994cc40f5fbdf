from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan
from pathlib import Path

import numpy as np
import pytest

from adapter_scene import TINY, needs_extra, random_adapter
from sllm_core.models import Completion, Prompt, Token
from sllm_plugins.models.ollama import OllamaConfig
from sllm_plugins.models.ollama.model import OllamaModel
from sllm_plugins.tuners.lora import parity
from sllm_plugins.tuners.lora.config import LoraConfig
from sllm_plugins.tuners.lora.export import export_adapter, permuted
from sllm_plugins.tuners.lora.parity import Answer, Parity, ParityError, Sides, compared, heard
from sllm_plugins.tuners.lora.scoring import Heard, Scores
from sllm_plugins.tuners.lora.tensors import read_index

WEIGHTS = "adapter_model.safetensors"
CONFIG = LoraConfig(devices="cpu", threads=1)
SCHEMA = {
    "type": "object",
    "properties": {"1_sentiment": {"type": "string", "enum": ["positive", "neutral", "negative"]}},
    "required": ["1_sentiment"],
    "additionalProperties": False,
}
TEXTS = ("disk full on node", "connection refused", "service started", "retry failed 3 times")
PROMPTS = [Prompt("judge", "1", "en", "Answer in JSON.", each, SCHEMA, 32) for each in TEXTS]


@dataclass(frozen=True)
class Measured:
    """How the server agreed with the training of an adapter: with the right export and with wrong ones, by name."""

    found: Mapping[str, Parity]


@pytest.fixture(scope="module")
def measured(ollama_url: str, base: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """One load of transformers for all of them, as it takes longer than all else."""
    needs_extra()
    folder = tmp_path_factory.mktemp("parity")
    return agreement(ollama_url, base, folder, 0.5)


@pytest.fixture(scope="module")
def faint(ollama_url: str, base: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """The same of an adapter that hardly changes anything."""
    needs_extra()
    return agreement(ollama_url, base, tmp_path_factory.mktemp("faint"), 0.02)


def agreement(ollama_url: str, base: tuple[str, Path], folder: Path, strength: float) -> Measured:
    right = random_adapter(folder / "right", strength=strength)
    files = {"right": export_adapter(right, TINY.about, folder / "right.gguf").file, **wrong(right, folder, strength)}
    model = OllamaModel("ollama", OllamaConfig(url=ollama_url, model=base[0]))
    return Measured(asyncio.run(agreements(model, Sides(right, base[1], TINY.about), files, folder)))


def wrong(right: Path, folder: Path, strength: float) -> dict[str, Path]:
    """The adapter with mistakes that exporters make."""
    exported: dict[str, Path] = {}

    def export(name: str, source: Path) -> None:
        exported[name] = export_adapter(source, TINY.about, folder / f"{name}.gguf").file

    export("alpha", random_adapter(folder / "alpha", strength=strength, alpha=16))
    for name in ("unpermuted", "a permuted", "layers"):
        export(name, spoilt(name, right, folder / name))
    return exported


def spoilt(name: str, right: Path, folder: Path) -> Path:
    """A copy of an adapter that exports as if a mistake were made: what is done rightly later is undone before."""
    from adapter_scene import write_tensors

    folder.mkdir()
    (folder / "adapter_config.json").write_bytes((right / "adapter_config.json").read_bytes())
    tensors = {key: each.read().astype(np.float64) for key, each in read_index(right / WEIGHTS).items()}
    changed = {}
    for key, numbers in tensors.items():
        heads = TINY.heads if "q_proj" in key else TINY.pairs if "k_proj" in key else 0
        if name == "layers":
            changed[key.replace(".0.", ".x.").replace(".1.", ".0.").replace(".x.", ".1.")] = numbers
        elif heads and "lora_B" in key:
            changed[key] = numbers[np.argsort(permuted(np.arange(float(len(numbers)))[:, None], heads)[:, 0])]
        elif heads and name == "a permuted":
            changed[key] = permuted(numbers.T, heads).T.astype(np.float64)
        else:
            changed[key] = numbers
    write_tensors(folder / WEIGHTS, {key: ("F32", numbers) for key, numbers in changed.items()})
    return folder


async def agreements(model: OllamaModel, sides: Sides, files: Mapping[str, Path], folder: Path) -> dict[str, Parity]:
    texts = [await model.rendered(each) for each in PROMPTS]
    before = await asked(model, texts)
    after: dict[str, Sequence[Answer]] = {}
    for name, file in files.items():
        tag = f"sllm-tuned:test-{uuid.uuid4().hex[:12]}"
        tuned = model.tuned(tag)
        try:
            await model.deploy(tag, file)
            after[name] = await asked(tuned, texts)
        finally:
            await model.withdraw(tag)
            await tuned.close()
    await model.close()
    answers = [*before, *(answer for each in after.values() for answer in each)]
    scores = await parity.scored(CONFIG, sides, [each.heard for each in answers], folder / "work")
    found, count = {}, len(PROMPTS)
    for place, (name, said) in enumerate(after.items(), 1):
        part = slice(place * count, (place + 1) * count)
        mine = Scores([*scores.base[:count], *scores.base[part]], [*scores.tuned[:count], *scores.tuned[part]])
        found[name] = compared(before, said, mine)
    return found


async def asked(model: object, texts: Sequence[str]) -> list[Answer]:
    return [await parity.asked(model, each, text) for each, text in zip(PROMPTS, texts, strict=True)]  # type: ignore[arg-type]


def test_a_right_export_is_served_as_it_was_trained(measured: Measured) -> None:
    right = measured.found["right"]
    assert right.holds and right.gap < 0.05 and right.base_gap < 0.02 and right.effect > 1
    assert right.places == len(PROMPTS)


@pytest.mark.parametrize("name", ["unpermuted", "a permuted", "alpha", "layers"])
def test_a_wrong_export_is_found_out(measured: Measured, name: str) -> None:
    assert not measured.found[name].holds
    assert measured.found[name].gap > 3 * measured.found["right"].bound


def test_a_right_export_of_a_faint_adapter_is_served_as_it_was_trained(faint: Measured) -> None:
    assert faint.found["right"].holds and faint.found["right"].effect < 0.3


@pytest.mark.parametrize("name", ["unpermuted", "a permuted", "alpha", "layers"])
def test_a_wrong_export_of_a_faint_adapter_is_found_out(faint: Measured, name: str) -> None:
    assert not faint.found[name].holds


def answer(*likely: float) -> Answer:
    return Answer(Heard("?", ("a",), (0,), (("a", "b"),)), (likely,))


def test_the_bound_follows_from_the_base_and_from_the_effect_and_has_an_end() -> None:
    assert Parity(0, 0, 0, 1, 0).bound == 0.005
    assert Parity(0, 0.1, 0, 1, 0).bound == pytest.approx(0.3)
    assert Parity(0, 0, 8, 1, 0).bound == pytest.approx(0.4)
    assert Parity(0, 9, 99, 1, 0).bound == 1.0


def test_gaps_are_root_mean_squares_over_what_is_known() -> None:
    scores = Scores([[[-1.0, -2.0]], [[-1.0, -5.0]]], [[[0.0, 0.0]], [[-1.3, nan]]])
    found = compared([answer(-1.1, -2.0)], [answer(-1.0, -2.0)], scores)
    assert found.gap == pytest.approx(0.3) and found.effect == pytest.approx(0.3)
    assert found.base_gap == pytest.approx((0.1**2 / 2) ** 0.5)


def test_another_token_than_the_likeliest_is_counted_where_one_is_clearly_likelier() -> None:
    scores = Scores([[[-1.0, -2.0]], [[-1.0, -2.0]]], [[[0.0, 0.0]], [[-3.0, -0.5]]])
    found = compared([answer(-1.0, -2.0)], [answer(-0.5, -3.0)], scores)
    assert (found.others, found.holds) == (1, False)
    close = Scores([[[-1.0, -2.0]], [[-1.0, -2.0]]], [[[0.0, 0.0]], [[-0.52, -0.5]]])
    assert compared([answer(-1.0, -2.0)], [answer(-0.5, -0.52)], close).holds


def test_without_a_token_that_both_know_nothing_is_compared() -> None:
    scores = Scores([[[nan, nan]], [[nan, nan]]], [[[nan, nan]], [[nan, nan]]])
    with pytest.raises(ParityError, match="none of the tokens that the server names is in the vocabulary"):
        compared([answer(-1.0, -2.0)], [answer(-1.0, -2.0)], scores)


def test_an_answer_is_compared_where_its_values_begin() -> None:
    texts = ('{"', "a", '": "', "ye", "s", '", "b": "', "n", "o", '"}')
    tokens = tuple(Token(each, -0.5, ((each, -0.5), ("?", -3.0))) for each in texts)
    found = heard("prompt", Completion("".join(texts), tokens=tokens))
    assert (found.heard.places, found.heard.named) == ((3, 6), (("ye", "?"), ("n", "?")))
    assert found.likely == ((-0.5, -3.0), (-0.5, -3.0))


def test_a_server_without_log_probabilities_cannot_be_compared() -> None:
    with pytest.raises(ParityError, match="gives no log-probabilities"):
        heard("prompt", Completion('{"a": "yes"}'))


def test_a_scoring_that_fails_says_why(tmp_path: Path) -> None:
    needs_extra()
    sides = Sides(tmp_path, tmp_path / "none.gguf", TINY.about)
    with pytest.raises(
        ParityError, match=r"cannot be compared with what is served: the base .*none\.gguf is not there"
    ):
        asyncio.run(parity.scored(CONFIG, sides, [answer(-1.0, -2.0).heard], tmp_path / "work"))
