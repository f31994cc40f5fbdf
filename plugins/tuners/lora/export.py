"""From an adapter in PEFT's form to the GGUF file that servers read: the bytes of llama.cpp's own converter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .adapter import MODULES, Adapter, AdapterError, Pair, Shape, check_fit, check_numbers, read_adapter
from .checkpoints import digest_of
from .gguf_file import Tensor, Value, write_gguf
from .tensors import Stored

Numbers = NDArray[np.floating[Any]]
Width = Literal["f16", "f32"]
KINDS: Mapping[Width, type[np.float16] | type[np.float32]] = {"f16": np.float16, "f32": np.float32}

QUANTISATION = 2
"""The version of GGML's quantised formats, which each file names."""

NAME = "Adapter"
"""What the converter calls an adapter that lies in a folder of this name."""


@dataclass(frozen=True)
class ExportedAdapter:
    """A GGUF file with an adapter: its SHA-256 (64 hexadecimal digits), its size in bytes, and its tensors."""

    file: Path
    digest: str
    size: int
    tensors: int


def export_adapter(folder: Path, about: Mapping[str, Any], out: Path, width: Width = "f16") -> ExportedAdapter:
    """Write the adapter of a folder for a base, of which `about` tells by the keys of GGUF.

    The same adapter gives the same bytes. One linear layer is in memory at a time.

    Raises:
        AdapterError: it is of a kind that cannot be served, does not fit on the base, or cannot be written.
    """
    adapter = read_adapter(folder)
    shape = Shape.of(about)
    check_fit(adapter, about)
    check_numbers(adapter)
    keys: list[tuple[str, Value]] = [
        ("general.architecture", "llama"),
        ("general.type", "adapter"),
        ("adapter.type", "lora"),
        ("general.name", NAME),
        ("adapter.lora.alpha", float(adapter.alpha)),
        ("general.quantization_version", QUANTISATION),
    ]
    tensors = list(_tensors(adapter, shape, KINDS[width]))
    try:
        write_gguf(out, keys, tensors)
        return ExportedAdapter(out, digest_of(out), out.stat().st_size, len(tensors))
    except OSError as error:
        raise AdapterError(f"the adapter cannot be written to {out}: {error}") from error


def permuted(rows: Numbers, heads: int) -> Numbers:
    """The rows (n, ...) of a matrix whose outputs are turned by their position, in the order of GGML.

    Transformers turns row i of a head together with row i + half, GGML rows 2i and 2i + 1. Only rows move, so those of
    B alone: permuted(B A) = permuted(B) A.
    """
    return rows.reshape(heads, 2, len(rows) // heads // 2, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)


def _tensors(adapter: Adapter, shape: Shape, kind: type[np.float16] | type[np.float32]) -> Iterator[Tensor]:
    for pair in adapter.pairs:
        yield Tensor(f"{pair.name}.lora_a", pair.a.shape, kind, partial(_cast, pair.a, kind, pair.name))
        yield Tensor(f"{pair.name}.lora_b", pair.b.shape, kind, partial(_rows, pair, shape, kind))


def _rows(pair: Pair, shape: Shape, kind: type[np.float16] | type[np.float32]) -> Numbers:
    """Matrix B, its rows in the order of GGML."""
    numbers = _cast(pair.b, kind, pair.name)
    heads = {"attn_q": shape.heads, "attn_k": shape.pairs}.get(MODULES[pair.module])
    return numbers if heads is None else permuted(numbers, heads)


def _cast(stored: Stored, kind: type[np.float16] | type[np.float32], name: str) -> Numbers:
    numbers = stored.read()
    if stored.kind == "F64":
        numbers = numbers.astype(np.float32)
    largest = float(np.finfo(kind).max)
    if float(np.abs(numbers).max()) > largest:
        raise AdapterError(f"{name}: the adapter has numbers above {largest:g}: its training went astray")
    return numbers.astype(kind)
