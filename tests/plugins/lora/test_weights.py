"""The base, as it is loaded and as it is served."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import lora_scene
from sllm_plugins.tuners.lora.plan import Way
from sllm_plugins.tuners.lora.shape import shape_of_server
from sllm_plugins.tuners.lora.weights import (
    BaseUnusable,
    Header,
    check_same,
    find_base,
    kind_of,
    read_header,
    restore_positions,
)
from tiny_llama import CONTEXT, FEED, HEADS, HIDDEN, LAYERS, PAIRS, VOCABULARY, WIDTH

if TYPE_CHECKING:
    from transformers import PreTrainedModel

pytest.importorskip("gguf", reason="needs pip install 'sllm[tune]'")

CONFIG: dict[str, Any] = {
    "model_type": "llama",
    "num_hidden_layers": LAYERS,
    "hidden_size": HIDDEN,
    "intermediate_size": FEED,
    "num_attention_heads": HEADS,
    "num_key_value_heads": PAIRS,
    "head_dim": WIDTH,
    "vocab_size": VOCABULARY,
    "rope_parameters": {"rope_type": "default", "rope_theta": 500_000.0},
}
"""What transformers makes of the tiny base."""


def test_a_file_tells_what_it_is() -> None:
    header = read_header(lora_scene.base())
    assert header.about["general.architecture"] == "llama"
    assert header.about["tokenizer.ggml.add_bos_token"] is False
    assert header.about["llama.context_length"] == CONTEXT
    assert "tokenizer.ggml.tokens" not in header.about
    assert header.factors is None


def test_a_file_and_a_folder_tell_the_same() -> None:
    about = read_header(lora_scene.base()).about
    check_same(CONFIG, about)
    assert shape_of_server(about) == kind_of(CONFIG)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"num_hidden_layers": 3}, "layers 3 beside 2"),
        ({"rope_parameters": {"rope_theta": 10_000.0}}, "base of positions 10000.0 beside 500000.0"),
        ({"vocab_size": 999}, "vocabulary 999 beside 1024"),
    ],
)
def test_a_folder_with_another_model_is_refused(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(BaseUnusable, match=rf"is not what the server serves: {told}$"):
        check_same({**CONFIG, **changed}, read_header(lora_scene.base()).about)


def test_a_model_that_is_built_otherwise_is_refused() -> None:
    with pytest.raises(BaseUnusable, match='a base of the kind "gpt2" cannot be tuned'):
        kind_of({"model_type": "gpt2", "n_layer": 12})


def test_a_file_without_an_ending_gets_one(tmp_path: Path) -> None:
    blob, work = tmp_path / "sha256-0123", tmp_path / "work"
    blob.write_bytes(b"GGUF")
    work.mkdir()
    for _ in range(2):
        source = find_base(str(blob), work)
    assert source.arguments == {"gguf_file": "base.gguf"}
    assert (work / "base.gguf").read_bytes() == b"GGUF"


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("GET / 200")
    with pytest.raises(BaseUnusable, match="is no GGUF file"):
        read_header(tmp_path / "text")
    with pytest.raises(BaseUnusable, match="is not there"):
        find_base(str(tmp_path / "nothing"), tmp_path)


@pytest.fixture
def model() -> PreTrainedModel:
    pytest.importorskip("torch", reason="needs pip install 'sllm[tune]'")
    from transformers import LlamaConfig, LlamaForCausalLM

    config: Any = LlamaConfig
    made: PreTrainedModel = LlamaForCausalLM(config(**{**CONFIG, "rope_theta": 500_000.0}))
    return made


ABOUT: dict[str, Any] = {"general.architecture": "llama", "llama.rope.freq_base": 500_000.0}


def test_positions_are_divided_as_the_file_says(model: PreTrainedModel) -> None:
    rotary: Any = model.get_decoder().rotary_emb  # type: ignore[no-untyped-call]
    before = rotary.inv_freq.numpy().copy()
    factors = np.linspace(1, 8, WIDTH // 2, dtype=np.float32)
    restore_positions(model, Header(ABOUT, factors))
    assert rotary.inv_freq.numpy() == pytest.approx(before / factors)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"llama.rope.freq_base": 10_000.0}, "turn by 10000 in the file of the base and by 500000"),
        ({"llama.rope.scaling.type": "yarn"}, r"stretches positions \(yarn\)"),
    ],
)
def test_positions_that_mean_something_else_are_refused(
    model: PreTrainedModel, said: dict[str, Any], told: str
) -> None:
    with pytest.raises(BaseUnusable, match=told):
        restore_positions(model, Header({**ABOUT, **said}))


def test_factors_that_fit_nowhere_are_refused(model: PreTrainedModel) -> None:
    with pytest.raises(BaseUnusable, match="no place for that"):
        restore_positions(model, Header(ABOUT, np.ones(3, np.float32)))


def test_a_folder_without_a_vocabulary_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="needs pip install 'sllm[tune]'")
    (tmp_path / "config.json").write_text('{"model_type": "llama"}')
    with pytest.raises(BaseUnusable, match=r"the vocabulary of .* cannot be read"):
        find_base(str(tmp_path), tmp_path).tokenizer()


def test_a_way_names_its_numbers() -> None:
    assert [Way(each, False).width for each in ("float32", "bfloat16", "4 bits")] == [4, 2, 0.56]
