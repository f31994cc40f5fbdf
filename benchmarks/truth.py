"""Logs whose true events are known, and how well groups of their lines match these.

GA is the share of lines whose group is exactly a true event; FGA is the F1 of groups against true events; mixed is the
share of lines in groups that hold two true events.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sllm_core.patterns import PatternTable

PARTIAL = "BGL_first_half"
"""The log of which only half is at hand: it stands outside the means."""

REFERENCE = datetime(2020, 1, 1, tzinfo=UTC)

Groups = Sequence[Hashable]


@dataclass(frozen=True)
class Truth:
    """What is known of a log: per line its message, its event and its label ('-' is normal)."""

    lines: NDArray[np.int64]
    messages: list[str]
    events: list[str]
    labels: list[str]


@dataclass(frozen=True)
class Score:
    """Grouping accuracy, F1 of groups, and the share of lines in groups of several events."""

    ga: float
    fga: float
    mixed: float


def logs(folder: Path) -> list[Path]:
    """The truth files of a folder by name, PARTIAL last."""
    return sorted(folder.glob("*.truth.csv"), key=lambda path: (name_of(path) == PARTIAL, path.name))


def name_of(path: Path) -> str:
    """What the log of a truth file is called."""
    return path.name.removesuffix(".truth.csv")


def read_truth(path: Path) -> Truth:
    """The rows of <Set>.truth.csv, in the order of their lines."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: int(row["line"]))
    lines = np.array([int(row["line"]) for row in rows], np.int64)
    labels = [row.get("label", "-") for row in rows]
    return Truth(lines, [row["content"] for row in rows], [row["event_id"] for row in rows], labels)


def score(groups: Groups, events: Groups) -> Score:
    """Compare the groups of lines with their true events."""
    sizes, true_sizes, pairs = Counter(groups), Counter(events), Counter(zip(groups, events, strict=True))
    exact = [pair for pair, count in pairs.items() if count == sizes[pair[0]] == true_sizes[pair[1]]]
    parts = Counter(group for group, _ in pairs)
    mixed = sum(sizes[group] for group, count in parts.items() if count > 1)
    right = sum(sizes[group] for group, _ in exact)
    return Score(right / len(groups), 2 * len(exact) / (len(sizes) + len(true_sizes)), mixed / len(groups))


def mean(scores: Sequence[Score]) -> Score:
    """The mean of each measure."""
    return Score(fmean(x.ga for x in scores), fmean(x.fga for x in scores), fmean(x.mixed for x in scores))


def by_patterns(messages: Sequence[str] | pa.ChunkedArray) -> Groups:
    """The resolved pattern of each message, after all were seen."""
    table = PatternTable(accelerate=False)
    column = messages if isinstance(messages, pa.ChunkedArray) else pa.array(messages)
    groups: list[int] = table.resolve(table.assign("benchmark", column)).tolist()
    return groups


def read_records(name: str, data: bytes) -> pa.Table:
    """The records of a log, its format found by itself."""
    from sllm_core.reading import Reader

    reader = Reader(name, reference=REFERENCE)
    return pa.concat_tables([reader.feed(data), reader.finish()], promote_options="permissive")


def by_raw_file(path: Path, truth: Truth) -> Groups:
    """The pattern of the record that each line of the truth starts or continues; `path` is the log itself."""
    records = read_records(path.name, path.read_bytes())
    groups = by_patterns(records["message"])
    starts = records["line"].to_numpy()
    return [groups[row] for row in np.searchsorted(starts, truth.lines, side="right") - 1]


def by_raw_lines(path: Path, truth: Truth) -> Groups:
    """The pattern of each line of the truth as it stands in the log, header and all."""
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    return by_patterns([lines[number - 1] for number in truth.lines])
