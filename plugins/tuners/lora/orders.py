"""What a training process is told, as a file: from its content follows which earlier work may be gone on with."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any

from sllm_core.learning.artefacts import sync_folder

ORDER = "order.json"

ENDURED = ("patience", "memory")
"""Settings that change neither what is learnt nor how: what was begun with others is gone on with."""

LIBRARIES = ("torch", "transformers", "peft", "tokenizers")
"""Those whose versions have a say in the last digits."""


@dataclass(frozen=True)
class Lesson:
    """A question and its answer. `text` is the question as the server fills it; None: the base's own template does.

    `weights` are spans of characters of the answer, from and up to, with what their loss counts; elsewhere it counts
    nothing.
    """

    system: str
    user: str
    answer: str
    weights: tuple[tuple[int, int, float], ...]
    text: str | None = None


@dataclass(frozen=True)
class TrainingOrder:
    """What is to be trained: the base, which is a GGUF file or a folder in Hugging Face form, and the lessons.

    `digest` tells which base it is, `about` what its server says of it (keys of GGUF), {} if nothing; `config` is the
    section of the plugin as JSON values; the loss on what is `held` decides which checkpoint is the best.
    """

    base: str
    digest: str
    config: Mapping[str, Any]
    seed: int
    lessons: tuple[Lesson, ...]
    held: tuple[Lesson, ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """64 hexadecimal digits, which are others wherever the training would come to something else."""
        said = asdict(self)
        said["config"] = {name: value for name, value in self.config.items() if name not in ENDURED}
        del said["base"]
        versions = {name: metadata.version(name) for name in LIBRARIES}
        return sha256(json.dumps([said, versions], sort_keys=True).encode(errors="surrogatepass")).hexdigest()


def write_order(order: TrainingOrder, folder: Path) -> None:
    """Write the order into a folder, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / ORDER, json.dumps(asdict(order)))


def read_order(folder: Path) -> TrainingOrder:
    """The order in a folder.

    Raises:
        OSError, ValueError, TypeError: there is none that can be read.
    """
    said = json.loads((folder / ORDER).read_text(encoding="utf-8"))
    lessons, held = (tuple(_lesson(each) for each in said.pop(name)) for name in ("lessons", "held"))
    return TrainingOrder(**said, lessons=lessons, held=held)


def write_whole(file: Path, text: str) -> None:
    """Write a text file so that it is there as a whole, safely on the disk, or is not there.

    Raises:
        OSError: it cannot be written.
    """
    beside = file.with_name(f".tmp-{file.name}")
    with beside.open("w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    beside.replace(file)
    sync_folder(file.parent)


def _lesson(said: Mapping[str, Any]) -> Lesson:
    weights = tuple((begin, end, weight) for begin, end, weight in said["weights"])
    return Lesson(said["system"], said["user"], said["answer"], weights, said["text"])
