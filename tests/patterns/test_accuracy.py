"""What the benchmark reports of grouping, on logs whose true events are known."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from statistics import fmean
from types import ModuleType

import pytest


@pytest.fixture
def accuracy(benchmark_module: Callable[[str], ModuleType]) -> ModuleType:
    return benchmark_module("accuracy")


@pytest.fixture
def logs() -> list[Path]:
    if not (folder := os.environ.get("SLLM_LOGHUB")):
        pytest.skip("no logs with known events: set SLLM_LOGHUB to their folder")
    return [path for path in sorted(Path(folder).glob("*.truth.csv")) if "half" not in path.name]


def test_score_counts_whole_groups_only(accuracy: ModuleType) -> None:
    result = accuracy.score(["a", "a", "b", "c", "c"], ["1", "1", "2", "2", "3"])
    assert (result.ga, result.fga, result.mixed) == (2 / 5, 2 / 6, 2 / 5)


def test_messages_of_other_systems_are_grouped_by_their_events(accuracy: ModuleType, logs: list[Path]) -> None:
    truths = [accuracy.read_truth(path) for path in logs]
    scores = [accuracy.score(accuracy.by_patterns(truth.messages), truth.events) for truth in truths]
    assert fmean(each.ga for each in scores) >= 0.93
    assert fmean(each.fga for each in scores) >= 0.90
    assert fmean(each.mixed for each in scores) <= 0.05
