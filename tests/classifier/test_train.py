from __future__ import annotations

import json
from importlib import resources
from typing import Any

import numpy as np
import pytest

from sllm_core.classifier.corpus import read_corpus
from sllm_core.classifier.model import Weights
from sllm_core.classifier.train import METRICS, train

Trained = tuple[Weights, dict[str, Any]]


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train(read_corpus())


@pytest.fixture(scope="module")
def shipped() -> dict[str, Any]:
    text = resources.files("sllm_core.classifier").joinpath(METRICS).read_text(encoding="utf-8")
    metrics: dict[str, Any] = json.loads(text)
    return metrics


@pytest.mark.parametrize("name", list(Weights.__dataclass_fields__))
def test_training_gives_the_shipped_weights(trained: Trained, name: str) -> None:
    again, shipped = getattr(trained[0], name), getattr(Weights.load(), name)
    assert again.dtype == shipped.dtype
    assert np.allclose(again.astype(float), shipped.astype(float), rtol=0.01, atol=0.01)


def test_training_gives_the_shipped_metrics(trained: Trained, shipped: dict[str, Any]) -> None:
    for name in ("all", "without_level"):
        assert trained[1][name]["problem"]["pr_auc"] == pytest.approx(shipped[name]["problem"]["pr_auc"], abs=0.01)


def test_the_metrics_are_those_of_the_weights(shipped: dict[str, Any]) -> None:
    assert shipped["version"] == f"embedded-{Weights.load().digest()}"


def test_unseen_software_is_judged_well(shipped: dict[str, Any]) -> None:
    assert shipped["all"]["sentiment"]["macro_f1"] >= 0.78
    assert shipped["all"]["severity"]["macro_f1"] >= 0.76
    assert shipped["all"]["problem"]["pr_auc"] >= 0.92
    assert shipped["without_level"]["problem"]["pr_auc"] >= 0.89


def test_probabilities_are_calibrated(shipped: dict[str, Any]) -> None:
    assert shipped["all"]["sentiment"]["calibration_error"] <= 0.05
    assert shipped["all"]["severity"]["calibration_error"] <= 0.05
