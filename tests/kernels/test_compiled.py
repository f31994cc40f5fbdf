from __future__ import annotations

import ctypes
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from sllm_core.kernels import Library, compiled, library, loops
from sllm_core.kernels.compiled import FOLDER, kernels, source_digest


@pytest.fixture(autouse=True)
def llvm() -> None:
    pytest.importorskip("llvmlite", reason="needs llvmlite: install the extra `fast`")


def test_each_loop_is_compiled_as_it_stands() -> None:
    stale = [
        loop.__name__
        for loop in kernels()
        if (FOLDER / f"{loop.__name__}.ll").read_text("utf-8").split()[1] != source_digest(loop)
    ]
    assert stale == [], "run python -m sllm_core.kernels.build"


def test_nothing_else_is_compiled() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.ll")) == [loop.__name__ for loop in kernels()]


def test_code_is_made_once() -> None:
    assert library() is library()


def test_arrays_of_another_type_are_refused() -> None:
    bytes_, words = np.zeros(257, np.uint8), np.zeros(257, np.uint64)
    with pytest.raises(ctypes.ArgumentError):
        library().compiled(loops.hash_words)(bytes_, words, bytes_, words, words, 1)  # type: ignore[arg-type]


def test_unknown_loop_is_named() -> None:
    def unknown(rows: int) -> None: ...

    with pytest.raises(KeyError, match="unknown"):
        library().compiled(unknown)


def test_code_that_llvm_cannot_read_counts_as_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hash_words.ll").write_text("define what")
    monkeypatch.setattr(compiled, "FOLDER", tmp_path)
    with pytest.raises(ImportError, match="cannot compile hash_words"):
        Library().compiled(loops.hash_words)


def test_code_needs_nothing_from_outside() -> None:
    texts = "".join(path.read_text("utf-8") for path in FOLDER.glob("*.ll"))
    outside = {name for name in re.findall(r"@([\w.]+)", texts) if not name.startswith("llvm.")}
    assert outside == {loop.__name__ for loop in kernels()}


def test_without_llvmlite_there_is_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llvmlite.binding", None)
    with pytest.raises(ImportError):
        Library()
