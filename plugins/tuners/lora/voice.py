"""What a training process says to who has started it: lines of JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Voice:
    """Says how far a training is, and why it failed. `silent`: another process of the same training speaks."""

    file: int
    silent: bool = False

    def tell(self, done: int, total: int, detail: str) -> None:
        """How many of all steps are done."""
        self._say({"done": done, "total": total, "detail": detail})

    def fail(self, why: str) -> None:
        """Why it ends without an adapter."""
        self._say({"failed": why})

    def _say(self, line: Mapping[str, Any]) -> None:
        if not self.silent:
            os.write(self.file, f"{json.dumps(line)}\n".encode())


@contextmanager
def speaking() -> Iterator[Voice]:
    """A voice on standard output, where nobody else speaks meanwhile: what libraries print goes to standard error."""
    own = os.dup(1)
    os.dup2(2, 1)
    try:
        yield Voice(own, os.environ.get("RANK", "0") != "0")
    finally:
        os.dup2(own, 1)
        os.close(own)
