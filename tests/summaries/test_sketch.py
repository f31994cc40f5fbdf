from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.summaries.sketch import ERROR, merge_sketches, quantile, sketch, to_json

durations = st.lists(st.floats(min_value=0.01, max_value=1e8), min_size=1, max_size=200)


@given(durations, st.sampled_from([0.0, 0.5, 0.95, 1.0]))
def test_quantile_is_within_the_documented_error(values: list[float], share: float) -> None:
    exact = float(np.quantile(values, share, method="lower"))
    estimate = quantile(to_json(sketch(np.array(values))), share)
    assert estimate == pytest.approx(exact, rel=ERROR * 1.01)


@given(durations, durations)
def test_merging_equals_sketching_all(left: list[float], right: list[float]) -> None:
    merged = merge_sketches(to_json(sketch(np.array(each))) for each in (left, right))
    assert merged == to_json(sketch(np.array(left + right)))


def test_no_values_have_no_quantile() -> None:
    assert quantile(to_json(sketch(np.array([]))), 0.5) is None


def test_zero_and_infinity_do_no_harm() -> None:
    assert sum(sketch(np.array([0.0, np.inf, np.nan, 1e30])).values()) == 2
