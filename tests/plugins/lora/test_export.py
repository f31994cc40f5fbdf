from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter_scene import TINY, needs_extra, random_adapter
from sllm_plugins.tuners.lora.adapter import AdapterError
from sllm_plugins.tuners.lora.checkpoints import digest_of
from sllm_plugins.tuners.lora.export import Width, export_adapter, permuted
from sllm_plugins.tuners.lora.gguf_file import Tensor, write_gguf

ROOT = Path(__file__).parents[3]


@given(heads=st.integers(1, 6), half=st.integers(1, 5), columns=st.integers(1, 7), rank=st.integers(1, 4))
def test_permuting_b_permutes_what_b_and_a_make(heads: int, half: int, columns: int, rank: int) -> None:
    random = np.random.default_rng(heads * 100 + half)
    a, b = random.normal(size=(rank, columns)), random.normal(size=(2 * heads * half, rank))
    assert np.array_equal(permuted(b, heads) @ a, permuted(b @ a, heads))


@given(heads=st.integers(1, 6), half=st.integers(1, 5))
def test_rows_that_are_turned_together_come_to_lie_side_by_side(heads: int, half: int) -> None:
    rows = permuted(np.arange(2.0 * heads * half)[:, None], heads)[:, 0].reshape(heads, half, 2)
    first = 2 * half * np.arange(heads)[:, None] + np.arange(half)
    assert np.array_equal(rows[..., 0], first) and np.array_equal(rows[..., 1], first + half)


@pytest.mark.parametrize("width", ["f16", "f32"])
def test_the_file_says_what_it_is_and_has_all_matrices(tmp_path: Path, width: Width) -> None:
    gguf = pytest.importorskip("gguf")
    made = export_adapter(random_adapter(tmp_path / "adapter", rank=3, alpha=6), TINY.about, tmp_path / "a.gguf", width)
    reader = gguf.GGUFReader(str(made.file))
    said = {name: field.contents() for name, field in reader.fields.items() if not name.startswith("GGUF.")}
    assert said == {
        "general.architecture": "llama",
        "general.type": "adapter",
        "adapter.type": "lora",
        "general.name": "Adapter",
        "adapter.lora.alpha": 6.0,
        "general.quantization_version": 2,
    }
    assert len(reader.tensors) == made.tensors == 14 * TINY.layers
    assert {each.tensor_type.name.lower() for each in reader.tensors} == {width}
    assert (made.size, made.digest) == (made.file.stat().st_size, digest_of(made.file))


def test_what_is_read_back_is_the_adapter_with_the_rows_of_queries_and_keys_permuted(tmp_path: Path) -> None:
    gguf = pytest.importorskip("gguf")
    from sllm_plugins.tuners.lora.adapter import read_adapter

    folder = random_adapter(tmp_path / "adapter")
    made = export_adapter(folder, TINY.about, tmp_path / "a.gguf", "f32")
    found = {each.name: np.array(each.data) for each in gguf.GGUFReader(str(made.file)).tensors}
    for pair in read_adapter(folder).pairs:
        heads = {"attn_q": TINY.heads, "attn_k": TINY.pairs}.get(pair.name.split(".")[2])
        rows = pair.b.read() if heads is None else permuted(pair.b.read(), heads)
        assert np.array_equal(found[f"{pair.name}.lora_a"], pair.a.read())
        assert np.array_equal(found[f"{pair.name}.lora_b"], rows)


def test_the_same_adapter_gives_the_same_bytes(tmp_path: Path) -> None:
    folder = random_adapter(tmp_path / "adapter")
    one, other = (export_adapter(folder, TINY.about, tmp_path / name) for name in ("a.gguf", "b.gguf"))
    assert one.digest == other.digest


def test_numbers_that_do_not_fit_are_refused_and_nothing_is_left(tmp_path: Path) -> None:
    folder = random_adapter(tmp_path / "adapter", strength=1e6)
    with pytest.raises(AdapterError, match="numbers above 65504"):
        export_adapter(folder, TINY.about, tmp_path / "a.gguf")
    assert not (tmp_path / "a.gguf").exists()
    assert export_adapter(folder, TINY.about, tmp_path / "a.gguf", "f32").tensors == 28


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match=r"cannot be written to .*no/a\.gguf"):
        export_adapter(random_adapter(tmp_path / "adapter"), TINY.about, tmp_path / "no" / "a.gguf")


def test_an_adapter_of_another_base_is_not_exported(tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match="trained on another base"):
        export_adapter(random_adapter(tmp_path / "a"), replace(TINY, layers=1).about, tmp_path / "a.gguf")


def test_a_write_that_breaks_off_leaves_no_file(tmp_path: Path) -> None:
    def numbers() -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_gguf(tmp_path / "a.gguf", [("general.type", "adapter")], [Tensor("x", (2, 2), np.float32, numbers)])
    assert not (tmp_path / "a.gguf").exists()


def test_the_bytes_are_those_of_the_converter_of_llama_cpp() -> None:
    converter = os.environ.get("SLLM_LLAMA_CPP", "")
    if not converter:
        pytest.skip("needs the converter: set SLLM_LLAMA_CPP to a folder of llama.cpp with convert_lora_to_gguf.py")
    needs_extra()
    command = [sys.executable, "benchmarks/exporter.py", converter, "--seeds", "1"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "all equal" in result.stdout
