"""Machine code of the loops, made by LLVM from what `build` left."""

from __future__ import annotations

import ctypes
import hashlib
import inspect
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, ParamSpec, cast

import numpy as np

from sllm_core.kernels import loops

P = ParamSpec("P")
FOLDER = Path(__file__).parent

ELEMENTS: Mapping[str, str] = MappingProxyType(
    {"Bytes": "uint8", "Int32s": "int32", "Int64s": "int64", "Hashes": "uint64"}
)
"""What the arrays of each annotation in `loops` hold."""


def kernels() -> list[Callable[..., None]]:
    """The loops, by name."""
    found = [each for _, each in inspect.getmembers(loops, inspect.isfunction) if each.__module__ == loops.__name__]
    return sorted(found, key=lambda loop: loop.__name__)


def source_digest(loop: Callable[..., None]) -> str:
    """What tells whether the text of a loop has changed."""
    return hashlib.sha256(inspect.getsource(loop).encode()).hexdigest()


class Library:
    """The machine code of all loops.

    Raises:
        ImportError: llvmlite is not there (`pip install sllm[fast]`), or cannot make code for this machine.
    """

    def __init__(self) -> None:
        import llvmlite.binding as llvm

        try:
            llvm.initialize_native_target()
            llvm.initialize_native_asmprinter()
            machine = llvm.Target.from_default_triple().create_target_machine(opt=3)
            module = llvm.parse_assembly("")
            for path in sorted(FOLDER.glob("*.ll")):
                module.link_in(llvm.parse_assembly(path.read_text("utf-8")))
            self._engine: Any = llvm.create_mcjit_compiler(module, machine)
            self._engine.finalize_object()
        except (RuntimeError, OSError) as error:
            raise ImportError(f"llvmlite cannot compile the kernels: {error}") from error

    def compiled(self, loop: Callable[P, None]) -> Callable[P, None]:
        """The loop as machine code. Arrays must be contiguous and of the type that the loop's annotation names.

        Raises:
            KeyError: there is none of that name; run `python -m sllm_core.kernels.build`.
        """
        address = self._engine.get_function_address(loop.__name__)
        if not address:
            raise KeyError(loop.__name__)
        *kinds, _ = loop.__annotations__.values()
        arguments: list[Any] = [ctypes.c_int64 if name == "int" else _pointer(name) for name in kinds]
        return cast("Callable[P, None]", ctypes.CFUNCTYPE(None, *arguments)(address))


@cache
def library() -> Library:
    """The library of this process, compiled at the first call.

    Raises:
        ImportError: llvmlite is not there, or cannot make code for this machine.
    """
    return Library()


def _pointer(name: str) -> type:
    return np.ctypeslib.ndpointer(np.dtype(ELEMENTS[name]), ndim=1, flags="C_CONTIGUOUS")
