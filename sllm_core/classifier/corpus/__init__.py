"""The messages that the classifier is trained on, one file for each kind of software, written for this project."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True)
class Labelled:
    """A message with its labels; `level` is None where the logger gave none, `software` is the name of its file."""

    software: str
    level: str | None
    language: str
    sentiment: str
    severity: str
    message: str


def read_corpus() -> tuple[Labelled, ...]:
    """All messages, by file name and then in the order of the file."""
    files = sorted(resources.files(__package__).iterdir(), key=lambda file: file.name)
    return tuple(
        Labelled(file.name.removesuffix(".csv"), row.pop("level") or None, **row)
        for file in files
        if file.name.endswith(".csv")
        for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    )
