from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss

from sllm_core.evaluation.bootstrap import point
from sllm_core.evaluation.reliability import Reliability, calibration_error

rows = st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.integers(1, 4)), min_size=1, max_size=40)
Rows = list[tuple[float, bool, int]]


def reliability(rows: Rows) -> Reliability:
    confidence, right, weight = (np.array(each) for each in zip(*rows, strict=True))
    group = np.arange(len(rows)) % 3
    return Reliability.count(confidence.astype(float), right, weight.astype(float), group, 3)


@given(rows)
def test_the_brier_score_is_that_of_scikit_learn(rows: Rows) -> None:
    confidence, right, weight = zip(*rows, strict=True)
    expected = brier_score_loss(np.array(right), confidence, sample_weight=weight, pos_label=True)
    assert point(reliability(rows), 3)[1] == pytest.approx(expected, abs=1e-9)


@given(rows)
def test_the_table_adds_up_to_the_error(rows: Rows) -> None:
    table = [each for each in reliability(rows).bins() if each.confidence is not None and each.right is not None]
    total = sum(each.weight for each in table)
    gap = sum(each.weight * abs((each.confidence or 0) - (each.right or 0)) for each in table)
    assert point(reliability(rows), 3)[0] == pytest.approx(gap / total, abs=1e-9)


def test_who_is_sure_and_half_right_is_off_by_half() -> None:
    assert calibration_error(np.ones(4), np.array([True, False, True, False])) == pytest.approx(0.5)


def test_empty_bins_have_no_figures() -> None:
    bins = reliability([(0.95, True, 1)]).bins()
    assert [each.weight for each in bins] == [0] * 9 + [1]
    assert bins[0].right is None
