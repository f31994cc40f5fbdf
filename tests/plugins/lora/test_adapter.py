from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adapter_scene import TINY, random_adapter, write_tensors
from sllm_plugins.tuners.lora.adapter import AdapterError, Shape, check_fit, check_numbers, read_adapter
from sllm_plugins.tuners.lora.tensors import TensorsError, read_index

WEIGHTS, CONFIG = "adapter_model.safetensors", "adapter_config.json"


def changed(folder: Path, **settings: object) -> Path:
    told = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    (folder / CONFIG).write_text(json.dumps({**told, **settings}), encoding="utf-8")
    return folder


def test_an_adapter_has_a_pair_for_each_linear_of_each_layer(tmp_path: Path) -> None:
    adapter = read_adapter(random_adapter(tmp_path, rank=3, alpha=6))
    assert (adapter.rank, adapter.alpha, len(adapter.pairs)) == (3, 6, 7 * TINY.layers)
    assert {each.name for each in adapter.pairs if each.layer == 1} == {
        f"blk.1.{name}.weight"
        for name in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
    }
    check_fit(adapter, TINY.about)
    check_numbers(adapter)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"peft_type": "IA3"}, "of the type IA3, not LORA"),
        ({"lora_alpha": 8.5}, r"alpha \(8.5\) of the adapter must be whole"),
        ({"lora_alpha": True}, "must be whole"),
        ({"r": 0}, "must be whole"),
        ({"r": 8}, "lacks one of two matrices of rank 8"),
        ({"use_dora": True}, "use_dora, which no server obeys"),
        ({"use_rslora": True}, "use_rslora"),
        ({"rank_pattern": {"q_proj": 8}}, "rank_pattern"),
        ({"alpha_pattern": {"q_proj": 8}}, "alpha_pattern"),
        ({"modules_to_save": ["lm_head"]}, "modules_to_save"),
        ({"bias": "all"}, "biases"),
        ({"init_lora_weights": "pissa"}, "began as pissa, which changes the base"),
    ],
)
def test_what_a_server_would_leave_out_is_refused(tmp_path: Path, settings: dict[str, Any], told: str) -> None:
    with pytest.raises(AdapterError, match=told):
        read_adapter(changed(random_adapter(tmp_path), **settings))


@pytest.mark.parametrize("name", ["lm_head", "model.embed_tokens", "model.layers.0.input_layernorm"])
def test_only_the_seven_linears_are_taken(tmp_path: Path, name: str) -> None:
    random_adapter(tmp_path)
    write_tensors(tmp_path / WEIGHTS, {f"base_model.model.{name}.lora_A.weight": ("F32", np.ones((4, 4)))})
    with pytest.raises(AdapterError, match=r"can put one on q_proj, .*, down_proj only"):
        read_adapter(tmp_path)


def test_a_matrix_without_the_other_is_refused(tmp_path: Path) -> None:
    random_adapter(tmp_path)
    name = "base_model.model.model.layers.0.mlp.up_proj.lora_A.weight"
    write_tensors(tmp_path / WEIGHTS, {name: ("F32", np.ones((4, 64)))})
    with pytest.raises(AdapterError, match=r"layer 0, mlp.up_proj: the adapter lacks one of two"):
        read_adapter(tmp_path)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_none_are_refused(tmp_path: Path, value: float) -> None:
    random_adapter(tmp_path)
    name = "base_model.model.model.layers.0.mlp.up_proj"
    a, b = np.full((4, 64), value), np.ones((128, 4))
    write_tensors(tmp_path / WEIGHTS, {f"{name}.lora_A.weight": ("F32", a), f"{name}.lora_B.weight": ("F32", b)})
    with pytest.raises(AdapterError, match="went astray"):
        check_numbers(read_adapter(tmp_path))


def test_an_adapter_that_changes_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match="changes nothing"):
        check_numbers(read_adapter(random_adapter(tmp_path, strength=0.0)))


@pytest.mark.parametrize("field", ["layers", "hidden", "feed", "heads", "pairs", "width"])
def test_an_adapter_for_another_base_is_refused(tmp_path: Path, field: str) -> None:
    other = replace(TINY, **{field: getattr(TINY, field) // 2})
    with pytest.raises(AdapterError, match="trained on another base"):
        check_fit(read_adapter(random_adapter(tmp_path)), other.about)


@pytest.mark.parametrize(
    ("about", "told"),
    [
        ({"general.architecture": "gemma3"}, "of the architecture gemma3; .* for llama only"),
        ({"llama.block_count": None}, "does not tell llama.block_count"),
    ],
)
def test_of_a_base_the_sizes_must_be_known(about: dict[str, Any], told: str) -> None:
    with pytest.raises(AdapterError, match=told):
        Shape.of({**TINY.about, **about})


def test_without_grouped_heads_keys_are_as_wide_as_queries() -> None:
    about = {name: value for name, value in TINY.about.items() if "kv" not in name and "key_length" not in name}
    shape = Shape.of(about)
    assert (shape.pairs, shape.width, shape.of_module("attn_k")) == (4, 16, (64, 64))


@pytest.mark.parametrize("kind", ["F32", "F16", "BF16", "F64"])
def test_numbers_of_each_kind_are_read(tmp_path: Path, kind: str) -> None:
    numbers = np.array([[0.5, -1.25, 3.0]])
    write_tensors(tmp_path / WEIGHTS, {"x": (kind, numbers), "y": (kind, numbers + 1)})
    index = read_index(tmp_path / WEIGHTS)
    assert index["x"].read().tolist() == numbers.tolist() and index["y"].read().tolist() == (numbers + 1).tolist()


def test_no_prefix_of_a_file_is_taken_for_the_whole(tmp_path: Path) -> None:
    whole = (random_adapter(tmp_path / "whole", modules=("mlp.up_proj",)) / WEIGHTS).read_bytes()
    for size in range(0, len(whole), 97):
        (tmp_path / "part").write_bytes(whole[:size])
        with pytest.raises(TensorsError):
            read_index(tmp_path / "part")


@pytest.mark.parametrize("missing", [WEIGHTS, CONFIG])
def test_a_folder_without_a_file_is_refused(tmp_path: Path, missing: str) -> None:
    (random_adapter(tmp_path) / missing).unlink()
    with pytest.raises(AdapterError, match=f"cannot be read: .*{missing}"):
        read_adapter(tmp_path)


@pytest.mark.parametrize("text", ["[]", "{", "7"])
def test_settings_that_are_none_are_refused(tmp_path: Path, text: str) -> None:
    (random_adapter(tmp_path) / CONFIG).write_text(text, encoding="utf-8")
    with pytest.raises(AdapterError, match="cannot be read"):
        read_adapter(tmp_path)
