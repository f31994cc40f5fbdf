"""Real logs with known messages: the format is found, and what is left of each line is its message."""

from __future__ import annotations

import csv
import os
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from sllm_core.reading import Reader

NAMES = (
    "Android",
    "Apache",
    "BGL_first_half",
    "HDFS",
    "HPC",
    "Hadoop",
    "OpenSSH",
    "Spark",
    "Thunderbird",
    "Windows",
    "Zookeeper",
)


@pytest.fixture
def folder() -> Path:
    if "SLLM_LOGHUB" not in os.environ:
        pytest.skip("set SLLM_LOGHUB to the folder of the labelled logs (<name>.log and <name>.truth.csv) to run this")
    return Path(os.environ["SLLM_LOGHUB"])


@pytest.mark.parametrize("name", NAMES)
def test_messages_are_the_true_ones(folder: Path, name: str) -> None:
    reader = Reader(name, reference=datetime(2024, 6, 1, tzinfo=UTC))
    table = pa.concat_tables([reader.feed((folder / f"{name}.log").read_bytes()), reader.finish()])
    read = dict(zip(table["line"].to_pylist(), table["message"].to_pylist(), strict=True))
    with (folder / f"{name}.truth.csv").open(newline="") as file:
        truth = [(int(row["line"]), row["content"].strip()) for row in csv.DictReader(file)]
    assert sum(read.get(line) == content for line, content in truth) >= 0.995 * len(truth)
