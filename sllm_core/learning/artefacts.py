"""Folders of versions: written whole or not at all, read only if they are as they were written."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any

import numpy as np

from sllm_core.classifier import Classifier
from sllm_core.classifier.model import WEIGHTS, Weights

MANIFEST = "manifest.json"
MODELS = "models"
"""The folder of all versions, in that of the store."""

UNFINISHED = ".tmp-"
"""How folders begin that were not finished."""

LARGEST = 64 << 20
"""Bytes of a file of weights, beyond which it is none of ours."""


class ArtefactError(Exception):
    """A version cannot be served: its files are missing, or are not as they were written."""


def write_weights(folder: Path, weights: Weights, manifest: Mapping[str, Any]) -> None:
    """Write weights and what is known of them into a new folder, safely on the disk when it returns."""
    folder.mkdir(parents=True)
    with (folder / WEIGHTS).open("wb") as file:
        np.savez_compressed(file, **asdict(weights))
        _sync(file)
    with (folder / MANIFEST).open("w", encoding="utf-8") as text:
        digests = {"weights": weights.digest(), "files": {WEIGHTS: digest_of(folder / WEIGHTS)}}
        json.dump({**manifest, **digests}, text, indent=1)
        _sync(text)
    sync_folder(folder)


def read_classifier(folder: Path) -> Classifier:
    """The classifier in a folder.

    Raises:
        ArtefactError: it is not there, or not as it was written.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        data = _limited(folder / WEIGHTS)
        if blake2b(data, digest_size=16).hexdigest() != manifest["files"][WEIGHTS]:
            raise ArtefactError(f"{folder / WEIGHTS} is not as it was written")
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            weights = Weights(**{name: arrays[name] for name in Weights.__dataclass_fields__})
    except FileNotFoundError as error:
        raise ArtefactError(f"{error.filename} is not there") from error
    except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
        raise ArtefactError(f"{folder} cannot be read: {error}") from error
    shipped = Classifier.load()
    _compare(folder, weights, shipped.weights)
    return Classifier(weights, shipped.lexicon)


def install(made: Path, models: Path, name: str) -> Path:
    """Move a finished folder to its place; where one of the same name is there already, that stays."""
    models.mkdir(parents=True, exist_ok=True)
    place = models / name
    if not place.exists():
        os.rename(made, place)
        sync_folder(models)
    return place


def clear(models: Path, keep: set[str]) -> list[str]:
    """Remove folders that were not finished, or that no version is known of; their names."""
    if not models.is_dir():
        return []
    left = [each for each in sorted(models.iterdir()) if each.is_dir() and each.name not in keep]
    for each in left:
        shutil.rmtree(each, ignore_errors=True)
    return [each.name for each in left]


def digest_of(path: Path) -> str:
    """A digest of a file, 32 hexadecimal digits."""
    return blake2b(_limited(path), digest_size=16).hexdigest()


def sync_folder(folder: Path) -> None:
    """What was renamed in a folder is safely on the disk when it returns."""
    place = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(place)
    finally:
        os.close(place)


def _limited(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ArtefactError(f"{path} is too large")
    return data


def _compare(folder: Path, found: Weights, expected: Weights) -> None:
    for name in Weights.__dataclass_fields__:
        here, there = getattr(found, name), getattr(expected, name)
        if (here.shape, here.dtype) != (there.shape, there.dtype) or not np.isfinite(here).all():
            raise ArtefactError(f"{folder}: {name} has another form than this version of sllm expects")


def _sync(file: IO[bytes] | IO[str]) -> None:
    file.flush()
    os.fsync(file.fileno())
