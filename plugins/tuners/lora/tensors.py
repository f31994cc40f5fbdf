"""The file that adapters are kept in (safetensors), read with numpy alone and without reading all of it at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

HEADER = 64 << 20
"""Bytes that the header of a file may have; that of an adapter has some thousand."""

KINDS: Mapping[str, str] = MappingProxyType({"F32": "<f4", "F16": "<f2", "BF16": "<u2", "F64": "<f8"})
"""How numpy reads the numbers of each kind; of BF16, which it does not know, the upper halves of F32."""


class TensorsError(ValueError):
    """A file is no safetensors file, or not a whole one; the message says why."""


@dataclass(frozen=True)
class Stored:
    """A tensor in a file: its kind (F32, F16, BF16, F64), its shape, and where its bytes begin."""

    file: Path
    kind: str
    shape: tuple[int, ...]
    offset: int

    def read(self) -> NDArray[np.floating[Any]]:
        """Its numbers, read now; BF16 as float32, which holds them exactly."""
        with self.file.open("rb") as file:
            found = np.fromfile(file, KINDS[self.kind], prod(self.shape), offset=self.offset)
        if found.size != prod(self.shape):
            raise TensorsError(f"{self.file} ends too early")
        if self.kind == "BF16":
            found = (found.astype(np.uint32) << 16).view(np.float32)
        return found.reshape(self.shape)


def read_index(path: Path) -> dict[str, Stored]:
    """The tensors of a file by name, in the order in which they lie there.

    Raises:
        OSError: it cannot be read.
        TensorsError: it is none, or is not whole.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= min(HEADER, size - 8):
            raise TensorsError(f"{path} is no safetensors file, or not a whole one")
        try:
            header = json.loads(file.read(length))
        except ValueError as error:
            raise TensorsError(f"{path} has no readable header") from error
    if not isinstance(header, dict):
        raise TensorsError(f"{path} has no readable header")
    found = {
        name: _stored(path, name, told, 8 + length, size) for name, told in header.items() if name != "__metadata__"
    }
    return dict(sorted(found.items(), key=lambda each: each[1].offset))


def _stored(path: Path, name: str, told: Any, begin: int, size: int) -> Stored:  # noqa: ANN401
    try:
        kind, shape, (first, last) = str(told["dtype"]), tuple(map(int, told["shape"])), told["data_offsets"]
    except (TypeError, KeyError, ValueError) as error:
        raise TensorsError(f"{path}: {name} is described in no known way") from error
    if kind not in KINDS:
        raise TensorsError(f"{path}: {name} has numbers of the kind {kind}, not of {', '.join(KINDS)}")
    fits = first >= 0 and last - first == prod(shape) * np.dtype(KINDS[kind]).itemsize and begin + last <= size
    if not fits or min(shape, default=0) < 1:
        raise TensorsError(f"{path}: {name} does not lie within the file")
    return Stored(path, kind, shape, begin + first)
