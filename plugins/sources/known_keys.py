"""Which requests are done already: the keys under which clients sent them, and what they were answered."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from sllm_core.components import KeyReused, Taken

FILE = "requests.json"
MOST = 50_000
"""So many keys are known, which takes some 20 MB; of more the oldest are forgotten."""


@dataclass(frozen=True, slots=True)
class Done:
    """One request: its key, a digest of its body, when it was stored (seconds since 1970), and what was answered."""

    key: str
    digest: str
    at: float
    records: int
    refused: tuple[tuple[int, str], ...] = ()


class KnownKeys:
    """The requests of late. What is in the queue on disk bears its key itself; `save` keeps those of what goes from
    there, and is called before it goes.

    Args:
        age: for how many seconds a key is known.
        clock: seconds since 1970.
    """

    def __init__(self, folder: Path, age: float, most: int = MOST, *, clock: Callable[[], float] = time.time) -> None:
        self._path, self._age, self._most, self._clock = folder / FILE, age, most, clock
        self._done: dict[str, Done] = {}

    def __len__(self) -> int:
        return len(self._done)

    def find(self, key: str, digest: str) -> Taken | None:
        """What was answered; None where the key is new, or so old that it is as good as new.

        Raises:
            KeyReused: it came with another body.
        """
        done = self._done.get(key)
        if done is None or done.at < self._clock() - self._age:
            return None
        if done.digest != digest:
            raise KeyReused("it was sent with another body before; each body needs a key of its own")
        return Taken(done.records, done.refused, repeated=True)

    def note(self, done: Done) -> None:
        """A request is stored."""
        self._done.pop(done.key, None)
        self._done[done.key] = done
        oldest = next(iter(self._done.values()))
        while len(self._done) > self._most or oldest.at < self._clock() - self._age:
            del self._done[oldest.key]
            if not self._done:
                return
            oldest = next(iter(self._done.values()))

    def load(self, stored: Iterable[Done]) -> None:
        """Know again what was saved, and what is in the queue."""
        saved = _read(self._path)
        for each in sorted([*saved, *stored], key=lambda done: done.at):
            self.note(each)

    def copy(self) -> tuple[Done, ...]:
        """All of them, for `save` in a thread."""
        return tuple(self._done.values())

    def save(self, done: Iterable[Done]) -> None:
        """Returns once they are on the disk.

        Raises:
            OSError: it cannot be written.
        """
        draft = self._path.with_suffix(".new")
        with draft.open("w", encoding="utf-8") as file:
            json.dump([asdict(each) for each in done], file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _read(path: Path) -> list[Done]:
    try:
        return TypeAdapter(list[Done]).validate_json(path.read_bytes())
    except FileNotFoundError:
        return []
    except (OSError, ValidationError) as error:
        told = {"file": path.name, "reason": type(error).__name__}
        logging.getLogger("sllm.http").warning("the keys of earlier requests cannot be read", extra=told)
        return []
