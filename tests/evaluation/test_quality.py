from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef, precision_recall_fscore_support

from sllm_core.evaluation.bootstrap import point
from sllm_core.evaluation.quality import Confusion

Rows = list[tuple[int, int, int]]
rows = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(1, 5)), min_size=1, max_size=60)


def columns(rows: Rows) -> list[NDArray[np.int64]]:
    return [np.array(each, np.int64) for each in zip(*rows, strict=True)]


def figures(rows: Rows, groups: int = 3) -> NDArray[np.float64]:
    truth, said, weight = columns(rows)
    group = np.arange(len(rows)) % groups
    return point(Confusion.count(truth, said, weight.astype(float), group, groups), groups)


@contextmanager
def undefined_allowed() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@given(rows)
def test_overall_figures_are_those_of_scikit_learn(rows: Rows) -> None:
    truth, said, weight = columns(rows)
    with undefined_allowed():
        expected = [
            f1_score(truth, said, average="macro", sample_weight=weight, zero_division=0),
            accuracy_score(truth, said, sample_weight=weight),
            matthews_corrcoef(truth, said, sample_weight=weight),
        ]
    assert figures(rows)[:3] == pytest.approx(expected, abs=1e-9)


@given(rows)
def test_figures_of_classes_are_those_of_scikit_learn(rows: Rows) -> None:
    truth, said, weight = columns(rows)
    with undefined_allowed():
        each = precision_recall_fscore_support(
            truth, said, labels=[0, 1, 2], sample_weight=weight, zero_division=np.nan
        )
    found = figures(rows)[3:].reshape(3, 3)
    np.testing.assert_allclose(found[:, :2], np.stack(each[:2], axis=1), atol=1e-9)
    known = ~np.isnan(found[:, 2])
    np.testing.assert_allclose(found[known, 2], each[2][known], atol=1e-9)


@given(rows, st.permutations(range(60)))
def test_how_rows_are_grouped_changes_nothing(rows: Rows, order: list[int]) -> None:
    shuffled = [rows[place] for place in order if place < len(rows)]
    np.testing.assert_allclose(figures(rows, 1), figures(shuffled, 5), atol=1e-9)


def test_a_perfect_judge() -> None:
    assert figures([(0, 0, 1), (1, 1, 2), (2, 2, 3)]).tolist() == pytest.approx([1.0] * 12)
