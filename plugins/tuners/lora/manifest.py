"""What a version of the tuner `lora` is: a folder with the adapter, and what it says about the tag that serves it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sllm_core.learning.artefacts import MANIFEST, ArtefactError, sync_folder

from .checkpoints import digest_of
from .orders import write_whole

FILE = "adapter.gguf"


@dataclass(frozen=True)
class Manifest:
    """A version: the `tag` under which a server serves it, and `digest`, what stands behind that tag there.

    `adapter` and `base` are the SHA-256 of the adapter's file and of the weights that it is for, 64 hexadecimal digits;
    `base_tag` is the tag of these. `calibrations` are what the odds are stretched by, for each task, `parity` is how
    well the server agreed with the training; both are JSON values.
    """

    tag: str
    digest: str
    adapter: str
    base: str
    base_tag: str
    parity: Mapping[str, Any] = field(default_factory=dict)
    calibrations: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What findings name as their model: see `Identity.name`."""
        return f"{self.tag}@{self.digest[:12]}"


def write_version(folder: Path, manifest: Manifest, adapter: Path) -> None:
    """Write the folder of a version, whole or not at all, in the place of what was there.

    Raises:
        OSError: it cannot be written.
    """
    beside = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    shutil.copyfile(adapter, beside / FILE)
    with (beside / FILE).open("rb") as file:
        os.fsync(file.fileno())
    write_whole(beside / MANIFEST, json.dumps(asdict(manifest), indent=1))
    shutil.rmtree(folder, ignore_errors=True)
    os.rename(beside, folder)
    sync_folder(folder.parent)


def read_version(folder: Path) -> Manifest:
    """The version in a folder.

    Raises:
        ArtefactError: it is not there, or not as it was written.
    """
    try:
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
        found = digest_of(folder / FILE)
    except (OSError, ValueError, TypeError) as error:
        raise ArtefactError(f"the version in {folder} cannot be read: {error}") from error
    if found != manifest.adapter:
        raise ArtefactError(f"{folder / FILE} is not as it was written")
    return manifest
