"""Machine code of the loops, made by LLVM from what `build` left."""

from __future__ import annotations

import ctypes
import hashlib
import inspect
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ParamSpec, cast

import numpy as np

from sllm_core.kernels import loops

if TYPE_CHECKING:
    from llvmlite.binding import ExecutionEngine

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
    """Makes machine code of loops when they are asked for.

    Raises:
        ImportError: llvmlite is not there (`pip install sllm[fast]`), or cannot make code for this machine.
    """

    def __init__(self) -> None:
        import llvmlite.binding as llvm

        self._llvm: Any = llvm
        self._place = ctypes.c_void_p()
        self._unused = ctypes.addressof(self._place), None
        self._engines: dict[str, Any] = {}
        try:
            llvm.initialize_native_target()
            llvm.initialize_native_asmprinter()
        except (RuntimeError, OSError) as error:
            raise ImportError(f"llvmlite cannot compile for this machine: {error}") from error

    def compiled(self, loop: Callable[P, None]) -> Callable[P, None]:
        """The loop as machine code. Arrays must be contiguous and of the type that the loop's annotation names.

        Raises:
            ImportError: llvmlite cannot make code of it.
            KeyError: there is none of that name; run `python -m sllm_core.kernels.build`.
        """
        address = self._engine(loop.__name__).get_function_address(loop.__name__)
        *kinds, _ = loop.__annotations__.values()
        arguments: list[Any] = [ctypes.c_int64 if name == "int" else _pointer(name) for name in kinds]
        function = ctypes.CFUNCTYPE(ctypes.c_int32, *[ctypes.c_void_p] * 2, *arguments)(address)
        return cast("Callable[P, None]", partial(function, *self._unused))

    def _engine(self, name: str) -> ExecutionEngine:
        path = FOLDER / f"{name}.ll"
        if not path.is_file():
            raise KeyError(name)
        if name not in self._engines:
            try:
                machine = self._llvm.Target.from_default_triple().create_target_machine(opt=3)
                module = self._llvm.parse_assembly(path.read_text("utf-8"))
                self._engines[name] = self._llvm.create_mcjit_compiler(module, machine)
                self._engines[name].finalize_object()
            except (RuntimeError, OSError) as error:
                raise ImportError(f"llvmlite cannot compile {name}: {error}") from error
        return self._engines[name]


@cache
def library() -> Library:
    """The library of this process.

    Raises:
        ImportError: llvmlite is not there, or cannot make code for this machine.
    """
    return Library()


def _pointer(name: str) -> type:
    return np.ctypeslib.ndpointer(np.dtype(ELEMENTS[name]), ndim=1, flags="C_CONTIGUOUS")
