from __future__ import annotations

import numpy as np
import pytest

from sllm_core.classifier import Judgement


def test_labels_and_problem() -> None:
    judgement = Judgement.of(np.array([[5.0, 0, 0, 5, 0, 0], [0, 0, 5, 0, 0, 5]]))
    assert judgement.sentiment_labels.tolist() == ["positive", "negative"]
    assert judgement.severity_labels.tolist() == ["normal", "critical"]
    assert judgement.problem == pytest.approx([0.013, 0.993], abs=0.001)


def test_probabilities_add_up_for_extreme_logits() -> None:
    judgement = Judgement.of(np.array([[1e4, -1e4, 0, -1e4, -1e4, -1e4]]))
    assert judgement.sentiment.sum(axis=1) == pytest.approx([1])
    assert judgement.severity == pytest.approx(np.full((1, 3), 1 / 3))


def test_nothing_to_judge() -> None:
    assert Judgement.of(np.empty((0, 6))).problem.shape == (0,)
