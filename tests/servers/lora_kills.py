"""Trains by the order in a folder, kills the process at each of its steps, goes on, and compares what comes of it.

`python lora_kills.py FOLDER MOST` prints for each of up to MOST places a line of JSON: its name, whether a process was
killed there, and whether the next one came to the same adapter as one that never was. Libraries are imported once;
processes are forked.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from sllm_plugins.tuners.lora.child import obey
from sllm_plugins.tuners.lora.orders import ORDER
from sllm_plugins.tuners.lora.voice import Voice

PLACES = ("os.rename", "os.replace", "os.unlink", "os.fsync", "shutil.rmtree", "torch.save", "Voice.tell")
"""What is counted; a process is killed before one of these calls, or while a file is half written."""


class Counted:
    """Calls by name and number, in order; at that which is `fatal` the process kills itself."""

    def __init__(self, fatal: str = "") -> None:
        self.seen: list[str] = []
        self._fatal = fatal

    def wrap(self, owner: object, name: str, place: str) -> None:
        called = getattr(owner, name)

        def counting(*given: object, **named: object) -> object:
            self.seen.append(f"{place} {sum(each.startswith(place) for each in self.seen) + 1}")
            if self.seen[-1] == self._fatal:
                self._die(place, called, given, named)
            return called(*given, **named)

        setattr(owner, name, counting)

    def _die(self, place: str, called: Callable[..., object], given: tuple[object, ...], named: dict[str, Any]) -> None:
        if place == "torch.save":
            called(*given, **named)
            file = Path(str(given[1]))
            os.truncate(file, file.stat().st_size // 2)
        os.kill(os.getpid(), signal.SIGKILL)


def run(folder: Path, fatal: str = "", log: Path | None = None) -> bool:
    """Obey the order in a folder in a process of its own; whether it came to its end."""
    child = os.fork()
    if child == 0:
        counted = watch(fatal)
        code = obey(folder, Voice(os.open(os.devnull, os.O_WRONLY)))
        if log is not None:
            log.write_text("\n".join(counted.seen))
        os._exit(code)
    return os.waitpid(child, 0)[1] == 0


def watch(fatal: str) -> Counted:
    import torch

    counted = Counted(fatal)
    owners: dict[str, object] = {"os": os, "shutil": shutil, "torch": torch, "Voice": Voice}
    for place in PLACES:
        owner, name = place.split(".")
        counted.wrap(owners[owner], name, place)
    return counted


def copy(folder: Path, name: str) -> Path:
    """The same order in a folder of its own."""
    place = folder.with_name(name)
    place.mkdir()
    shutil.copy(folder / ORDER, place / ORDER)
    return place


def adapter(folder: Path) -> bytes:
    return (folder / "adapter" / "adapter_model.safetensors").read_bytes()


def spread(places: list[str], most: int) -> list[str]:
    """Some of each kind of place, from the beginning to the end."""
    kinds = {kind: [each for each in places if each.startswith(kind)] for kind in PLACES}
    each_kind = max(1, most // len(PLACES))
    chosen = {
        each
        for found in kinds.values()
        for each in found[len(found) // (2 * each_kind) :: max(1, len(found) // each_kind)][:each_kind]
    }
    return [each for each in places if each in chosen]


def outcomes(folder: Path, most: int) -> Iterator[dict[str, object]]:
    for name in ("accelerate", "peft", "transformers.trainer", "transformers.models.llama.modeling_llama"):
        import_module(name)
    log = folder.with_name("places")
    assert run(folder, log=log), "the training that nobody kills came to nothing"
    wanted = adapter(folder)
    places = log.read_text().splitlines()
    for number, fatal in enumerate(spread(places, most)):
        place = copy(folder, f"killed-{number}")
        killed = not run(place, fatal)
        yield {"place": fatal, "killed": killed, "same": run(place) and adapter(place) == wanted}
        shutil.rmtree(place)


if __name__ == "__main__":
    for each in outcomes(Path(sys.argv[1]), int(sys.argv[2])):
        print(json.dumps(each), flush=True)
