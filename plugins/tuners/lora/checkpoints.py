"""Checkpoints that are whole, told from those that are not: each is sealed by the SHA-256 of all its files."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from math import inf
from pathlib import Path
from typing import Any

from sllm_core.learning.artefacts import sync_folder

from .orders import write_whole

SEAL = "seal.json"
PREFIX = "checkpoint-"


@dataclass(frozen=True)
class Checkpoint:
    """A folder that is as it was sealed, and what was said of it then: its `step`, the loss `held` (None: no rows)."""

    folder: Path
    facts: Mapping[str, Any]

    @property
    def step(self) -> int:
        return int(self.facts["step"])

    @property
    def held(self) -> float:
        held = self.facts["held"]
        return inf if held is None else float(held)


def seal(folder: Path, facts: Mapping[str, Any]) -> None:
    """Say that a folder is whole: its files are on the disk, and the seal, which comes last, names the digest of each.

    Raises:
        OSError: a file cannot be read, or the seal not be written.
    """
    files = sorted(each for each in folder.rglob("*") if each.is_file() and each.name != SEAL)
    for each in files:
        _sync(each)
    digests = {str(each.relative_to(folder)): digest_of(each) for each in files}
    write_whole(folder / SEAL, json.dumps({"files": digests, "facts": dict(facts)}, indent=1))


def sealed(folder: Path) -> Mapping[str, Any] | None:
    """What was said of a folder when it was sealed; None if it never was, or is not as it was then."""
    try:
        said = json.loads((folder / SEAL).read_text(encoding="utf-8"))
        digests, facts = dict(said["files"]), dict(said["facts"])
        whole = all(digest_of(folder / name) == digest for name, digest in digests.items())
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return facts if whole else None


def checkpoints(work: Path) -> list[Checkpoint]:
    """The whole checkpoints in a folder by their steps. All others are removed: they were being written or removed."""
    found = []
    for each in sorted(work.glob(f"{PREFIX}*")):
        facts = sealed(each)
        if facts is None:
            shutil.rmtree(each)
        else:
            found.append(Checkpoint(each, facts))
    return sorted(found, key=lambda each: each.step)


def best_of(found: Sequence[Checkpoint]) -> Checkpoint:
    """That with the least loss on what was held back, the earlier of equals; the last where nothing was held back."""
    if all(each.held == inf for each in found):
        return found[-1]
    return min(found, key=lambda each: (each.held, each.step))


def prune(found: Sequence[Checkpoint]) -> None:
    """Remove all but the last, to go on from, and the best."""
    kept = {found[-1].folder, best_of(found).folder}
    discard([each for each in found if each.folder not in kept])


def discard(found: Sequence[Checkpoint]) -> None:
    """Remove checkpoints."""
    for each in found:
        # Without its seal it is none, however far the removal comes.
        (each.folder / SEAL).unlink(missing_ok=True)
        shutil.rmtree(each.folder)


def publish(checkpoint: Checkpoint, place: Path, names: Sequence[str], facts: Mapping[str, Any]) -> None:
    """Copy some files of a checkpoint to a folder that is there as a whole and sealed, or is not there.

    Raises:
        OSError: it cannot be written.
    """
    beside = place.with_name(f".tmp-{place.name}")
    for each in (beside, place):
        if each.exists():
            shutil.rmtree(each)
    beside.mkdir(parents=True)
    for name in names:
        shutil.copyfile(checkpoint.folder / name, beside / name)
    seal(beside, facts)
    os.rename(beside, place)
    sync_folder(place.parent)


def digest_of(file: Path) -> str:
    """The SHA-256 of a file of any size, 64 hexadecimal digits.

    Raises:
        OSError: it cannot be read.
    """
    with file.open("rb") as opened:
        return file_digest(opened, "sha256").hexdigest()


def _sync(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
