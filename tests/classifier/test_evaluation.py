from __future__ import annotations

import numpy as np
import pytest

from sllm_core.classifier.evaluation import calibration_error, folds, temperature


def test_no_software_is_on_both_sides() -> None:
    software = np.array([f"s{each % 12}" for each in range(100)])
    tested: list[int] = []
    for others, here in folds(software):
        assert not set(software[others]) & set(software[here])
        tested += here.tolist()
    assert sorted(tested) == list(range(100))


def test_temperature_cools_overconfident_logits() -> None:
    logits = np.tile([[4.0, 0.0, 0.0]], (100, 1))
    labels = np.repeat([0, 1, 2], [60, 20, 20])
    probability = np.exp(4 * temperature(logits, labels))
    assert probability / (probability + 2) == pytest.approx(0.6, abs=0.01)


def test_calibration_error() -> None:
    certain = np.tile([[0.9, 0.1, 0.0]], (10, 1))
    assert calibration_error(certain, np.array([0] * 9 + [1])) == pytest.approx(0)
    assert calibration_error(certain, np.array([0] * 4 + [1] * 6)) == pytest.approx(0.5)
