"""Writes GGUF, version 3: keys with values, then tensors, of which only one is in memory at a time."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

MAGIC, VERSION, ALIGNMENT = b"GGUF", 3, 32

Value = str | int | float
"""Of a key: a string, an integer of 32 bits without a sign, or a number of 32 bits."""


@dataclass(frozen=True)
class Tensor:
    """A tensor to be written: float16 or float32 as `kind` says, its numbers as they are needed."""

    name: str
    shape: tuple[int, ...]
    kind: type[np.float16] | type[np.float32]
    numbers: Callable[[], NDArray[np.floating[Any]]]

    @property
    def size(self) -> int:
        """Bytes."""
        return prod(self.shape) * np.dtype(self.kind).itemsize


def write_gguf(path: Path, keys: Sequence[tuple[str, Value]], tensors: Sequence[Tensor]) -> None:
    """Write a file, whole and safely on the disk when it returns; until then nothing is there under the name.

    Raises:
        OSError: it cannot be written.
    """
    beside = path.with_name(f"{path.name}.part")
    with beside.open("wb") as file:
        file.write(_head(keys, tensors))
        for each in tensors:
            _write_tensor(file, each)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _head(keys: Sequence[tuple[str, Value]], tensors: Sequence[Tensor]) -> bytes:
    head = BytesIO()
    head.write(MAGIC + struct.pack("<IQQ", VERSION, len(tensors), len(keys)))
    for key, value in keys:
        head.write(_text(key) + _value(value))
    offset = 0
    for each in tensors:
        kind = 1 if each.kind is np.float16 else 0
        shape = struct.pack(f"<I{len(each.shape)}Q", len(each.shape), *reversed(each.shape))
        head.write(_text(each.name) + shape + struct.pack("<IQ", kind, offset))
        offset += _padded(each.size)
    return head.getvalue().ljust(_padded(head.tell()), b"\0")


def _write_tensor(file: BinaryIO, tensor: Tensor) -> None:
    numbers = np.ascontiguousarray(tensor.numbers(), np.dtype(tensor.kind).newbyteorder("<"))
    if numbers.shape != tensor.shape:
        raise ValueError(f"{tensor.name} has the shape {numbers.shape}, not {tensor.shape}")
    file.write(numbers.tobytes().ljust(_padded(tensor.size), b"\0"))


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _value(value: Value) -> bytes:
    if isinstance(value, str):
        return struct.pack("<I", 8) + _text(value)
    return struct.pack("<Ii", 4, value) if isinstance(value, int) else struct.pack("<If", 6, value)


def _padded(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT
