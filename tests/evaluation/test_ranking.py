from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from sllm_core.evaluation.bootstrap import point
from sllm_core.evaluation.ranking import Ranking

rows = st.lists(
    st.tuples(st.booleans(), st.integers(0, 6), st.integers(1, 4), st.integers(0, 4)), min_size=2, max_size=60
)
Rows = list[tuple[bool, int, int, int]]


def ranking(rows: Rows) -> Ranking:
    problem, score, weight, group = (np.array(each) for each in zip(*rows, strict=True))
    return Ranking.by_score(problem, score.astype(float), weight.astype(float), group)


@given(rows)
def test_the_area_is_that_of_scikit_learn(rows: Rows) -> None:
    problem, score, weight, _ = zip(*rows, strict=True)
    assume(any(problem))
    (area,) = point(ranking(rows), 5)
    assert area == pytest.approx(average_precision_score(problem, score, sample_weight=weight), abs=1e-9)


@given(rows, st.lists(st.integers(0, 3), min_size=5, max_size=5))
def test_a_resample_counts_rows_as_often_as_their_group(rows: Rows, counts: list[int]) -> None:
    problem, score, weight, group = zip(*rows, strict=True)
    drawn = [counts[each] * own for each, own in zip(group, weight, strict=True)]
    assume(any(each and own for each, own in zip(problem, drawn, strict=True)))
    (area,) = ranking(rows).of(np.array([counts], float))[0]
    assert area == pytest.approx(average_precision_score(problem, score, sample_weight=drawn), abs=1e-9)


def test_without_a_drawn_problem_there_is_no_area() -> None:
    found = ranking([(True, 1, 1, 0), (False, 0, 1, 1)]).of(np.array([[0.0, 1.0]]))
    assert np.isnan(found[0, 0])


def test_the_best_threshold_lies_between_problems_and_the_rest() -> None:
    found = ranking([(True, 6, 1, 0), (True, 4, 1, 1), (False, 2, 1, 2), (False, 0, 1, 3)])
    assert found.best_threshold() == 3
    assert found.share == 0.5


def test_the_curve_ends_with_everything_found() -> None:
    recall, precision = ranking([(True, 3, 1, 0), (False, 2, 1, 1), (True, 1, 1, 2)]).curve()
    assert recall.tolist() == [0.5, 0.5, 1.0]
    assert precision.tolist() == pytest.approx([1, 1 / 2, 2 / 3])
