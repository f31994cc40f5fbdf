"""Datasets as folders: examples, what is replayed, and the manifest."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from sllm_core.learning.artefacts import MANIFEST, UNFINISHED, install, sync_folder
from sllm_core.learning.dataset import Dataset, Example

DATA = "data-"
"""How the folders of datasets begin."""

EXAMPLES, REPLAY = "examples.jsonl", "replay.jsonl"


def keep_dataset(dataset: Dataset, models: Path) -> Path:
    """The folder of a dataset among those of versions: written whole, or found as it was written before."""
    place = models / f"{DATA}{dataset.digest}"
    if place.exists():
        return place
    beside = models / f"{UNFINISHED}{place.name}"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    _write(beside / EXAMPLES, _lines(dataset.examples))
    _write(beside / REPLAY, _lines(dataset.replay))
    _write(beside / MANIFEST, json.dumps(dict(dataset.manifest), indent=1, ensure_ascii=False))
    sync_folder(beside)
    return install(beside, models, place.name)


def read_examples(folder: Path) -> list[Example]:
    """The examples in the folder of a dataset; none where they are not there, or not as they were written."""
    try:
        text = (folder / EXAMPLES).read_text(encoding="utf-8", errors="surrogatepass")
        return [Example.from_json(json.loads(line)) for line in text.split("\n") if line]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _lines(examples: Iterable[Example]) -> str:
    return "".join(f"{json.dumps(each.to_json(), ensure_ascii=False)}\n" for each in examples)


def _write(file: Path, text: str) -> None:
    with file.open("w", encoding="utf-8", errors="surrogatepass") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
