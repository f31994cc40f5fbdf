"""`python -m sllm_core.kernels.build`: compiles the loops with numba and keeps them as LLVM's intermediate language.

What it writes is text that belongs to the package and runs on every processor: `compiled` turns it into machine code
in milliseconds, while numba takes most of a second to be imported alone. A test tells when a loop was changed since.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sllm_core.kernels.compiled import ELEMENTS, FOLDER, kernels, source_digest

GENERIC = (("NUMBA_CPU_NAME", "generic"), ("NUMBA_LOOP_VECTORIZE", "0"), ("NUMBA_SLP_VECTORIZE", "0"))
"""No instruction that only the processor here has."""

_WRAPPER = r"(?:; Function Attrs:[^\n]*\n)?define [^\n]*@{name}\([^\n]*\{{\n.*?\n\}}\n"
_MACHINE = re.compile(r"^(?:target (?:datalayout|triple) = .*|; ModuleID = .*|source_filename = .*)\n", re.MULTILINE)
_UNUSED = re.compile(r"^(?:@.*|declare [^@]*@(?!llvm\.).*)\n", re.MULTILINE)


def compile_loop(loop: Callable[..., None]) -> str:
    """The intermediate language of a loop, as a function of C under the loop's name.

    Numba's wrapper, which would hand exceptions to Python, is left out: a loop has none, and the wrapper needs numba.
    In front of the loop's own arguments stand two pointers, to where it puts its result, None, and an exception.

    Raises:
        ImportError: numba is not installed.
    """
    import numba
    from numba import types

    *names, _ = loop.__annotations__.values()
    pointer: Any = types.CPointer
    arguments = [types.int64 if name == "int" else pointer(getattr(types, ELEMENTS[name])) for name in names]
    compiled: Any = numba.cfunc(types.void(*arguments), error_model="numpy")(loop)
    text = _MACHINE.sub("", compiled.inspect_llvm())
    text = re.sub(_WRAPPER.format(name=re.escape(compiled.native_name)), "", text, flags=re.DOTALL)
    text = _UNUSED.sub("", text)
    (name,) = re.findall(r"^define [^@]*@([^(\s]+)\(", text, re.MULTILINE)
    return f"; {source_digest(loop)}\n{text.replace(name, loop.__name__)}"


def main(folder: Path = FOLDER) -> None:
    """Write one file for each loop."""
    os.environ.update(GENERIC)
    for loop in kernels():
        (folder / f"{loop.__name__}.ll").write_text(compile_loop(loop), encoding="utf-8")


if __name__ == "__main__":
    main()
