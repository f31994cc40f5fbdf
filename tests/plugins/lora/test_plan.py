"""Whether a training fits, by figures that are known."""

from __future__ import annotations

import pytest

from sllm_plugins.tuners.lora.machine import cores, free_disk, free_memory
from sllm_plugins.tuners.lora.plan import DoesNotFit, Room, Way, check_disk, choose, needs
from sllm_plugins.tuners.lora.shape import Shape, ShapeUnknown, shape_of_folder, shape_of_server

LLAMA = Shape(32, 4096, 14_336, 32, 8, 128, 128_256)
"""Llama 3 8B."""

SMALL = Shape(16, 2048, 8192, 32, 8, 64, 128_256, tied=True)
"""Llama 3.2 1B."""

GB = 1e9


def test_parameters_are_those_that_are_published() -> None:
    assert (LLAMA.parameters, SMALL.parameters) == (8_030_261_248, 1_235_814_400)


def test_the_parameters_of_an_adapter_are_those_of_peft() -> None:
    assert LLAMA.adapter(16) == 41_943_040


def test_the_shape_is_what_a_server_tells() -> None:
    told = {
        "general.architecture": "llama",
        "llama.block_count": 32,
        "llama.embedding_length": 4096,
        "llama.feed_forward_length": 14_336,
        "llama.attention.head_count": 32,
        "llama.attention.head_count_kv": 8,
        "llama.vocab_size": 128_256,
    }
    assert shape_of_server(told) == LLAMA


def test_the_shape_is_what_a_config_tells() -> None:
    told = {
        "num_hidden_layers": 16,
        "hidden_size": 2048,
        "intermediate_size": 8192,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "vocab_size": 128_256,
        "tie_word_embeddings": True,
    }
    assert shape_of_folder(told) == SMALL


def test_a_shape_that_is_not_told_is_not_guessed() -> None:
    with pytest.raises(ShapeUnknown, match=r"does not tell 'num_attention_heads'"):
        shape_of_folder({})
    with pytest.raises(ShapeUnknown, match="of the kind bert"):
        shape_of_server({"general.architecture": "bert"})


def test_activations_that_are_computed_again_take_less() -> None:
    kept, again = (needs(LLAMA, 16, 2048, Way("bfloat16", each)) for each in (False, True))
    assert again.activations < kept.activations / 5
    assert again.weights == kept.weights


def test_the_fastest_way_that_fits_is_taken() -> None:
    assert choose(SMALL, 16, 2048, Room(64 * GB, 1), False, False, "x") == Way("float32", False)
    assert choose(SMALL, 16, 2048, Room(9 * GB, 1), False, False, "x") == Way("float32", True)
    assert choose(LLAMA, 16, 2048, Room(80 * GB, 1), True, False, "x").kind == "bfloat16"
    assert choose(LLAMA, 16, 2048, Room(12 * GB, 1), True, True, "x") == Way("4 bits", True)


def test_too_little_memory_is_told_with_both_figures() -> None:
    with pytest.raises(DoesNotFit) as told:
        choose(LLAMA, 16, 2048, Room(8 * GB, 0.8), False, False, "llama3")
    text = str(told.value)
    assert "training on llama3 (8 billion parameters, rows of up to 2048 tokens) needs" in text
    assert "of the 8.0 GB that are free on this machine 6.4 GB may be used" in text
    assert "its weights alone take 16.1 GB; serve and tune a smaller model" in text


def test_a_share_that_is_too_small_is_told_as_such() -> None:
    needed = needs(SMALL, 16, 512, Way("bfloat16", True)).total
    with pytest.raises(DoesNotFit, match=r"raise \[plugins.lora\] memory to 0\.\d\d"):
        choose(SMALL, 16, 512, Room(needed * 1.2, 0.5), False, False, "x")


def test_rows_that_are_too_long_are_told_as_such() -> None:
    with pytest.raises(DoesNotFit, match=r"lower .* longest or patterns"):
        choose(SMALL, 16, 100_000, Room(6 * GB, 1), False, False, "x")


def test_a_full_disk_is_told_before_the_start() -> None:
    check_disk(LLAMA, 16, 20 * GB)
    with pytest.raises(DoesNotFit, match=r"checkpoints need 1\.9 GB .* and 1\.0 GB are free: make room"):
        check_disk(LLAMA, 16, 1 * GB)


def test_the_machine_tells_what_it_has(tmp_path_factory: pytest.TempPathFactory) -> None:
    assert free_disk(tmp_path_factory.getbasetemp() / "not" / "there") > 0
    assert cores() >= 1
    assert free_memory() is None or free_memory() != 0
