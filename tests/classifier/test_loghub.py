"""The classifier on a labelled log that it was never trained on."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from types import MappingProxyType

import pytest

from sllm_core.classifier import Classifier

LEVELS = MappingProxyType(
    {"INFO": "INFO", "WARNING": "WARN", "ERROR": "ERROR", "SEVERE": "ERROR", "FATAL": "FATAL", "FAILURE": "FATAL"}
)


@pytest.fixture
def bgl() -> tuple[list[str], list[str | None], list[bool]]:
    folder = os.environ.get("SLLM_LOGHUB")
    if not folder:
        pytest.skip("BGL_first_half is not there: set SLLM_LOGHUB to the folder with the Loghub samples")
    with (Path(folder) / "BGL_first_half.truth.csv").open(encoding="utf-8") as file:
        truth = [*csv.DictReader(file)]
    lines = (Path(folder) / "BGL_first_half.log").read_text(encoding="utf-8", errors="replace").splitlines()
    levels = [LEVELS.get(line.split()[8]) for line in lines]
    return [row["content"] for row in truth], levels, [row["label"] != "-" for row in truth]


def test_problem_ranks_the_alerts_of_bgl(bgl: tuple[list[str], list[str | None], list[bool]]) -> None:
    from sklearn.metrics import average_precision_score

    texts, levels, alerts = bgl
    assert average_precision_score(alerts, Classifier.load().judge(texts, levels).problem) >= 0.70
