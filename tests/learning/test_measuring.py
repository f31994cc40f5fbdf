from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sllm_core.classifier import SEVERITIES
from sllm_core.learning.measuring import Pair

TRUTH = np.array([0, 1, 2] * 10)
RIGHT = np.eye(3)[TRUTH]


def silent(count: int) -> NDArray[np.float64]:
    odds: NDArray[np.float64] = np.eye(3)[TRUTH]
    odds[:count] = np.nan
    return odds


def test_no_answer_is_a_wrong_answer() -> None:
    pair = Pair(SEVERITIES, TRUTH, RIGHT, silent(6))
    assert pair.wins == (0, 6)
    assert (pair.answers[:6] != TRUTH[:6]).all()
    assert (pair.difference["difference"] or 0) < 0


def test_no_answer_says_nothing_of_how_sure_it_is() -> None:
    assert Pair(SEVERITIES, TRUTH, RIGHT, silent(6)).calibration == (0, 0)
    assert Pair(SEVERITIES, TRUTH, RIGHT, silent(30)).calibration == (0, 0)


def test_silence_beside_silence_is_even() -> None:
    pair = Pair(SEVERITIES, TRUTH, silent(6), silent(6))
    assert (pair.wins, pair.difference["difference"]) == ((0, 0), 0)


def test_moves_count_what_both_answer() -> None:
    other = np.eye(3)[np.where(TRUTH == 0, 2, TRUTH)]
    other[1] = np.nan
    assert Pair(SEVERITIES, TRUTH, RIGHT, other).moves == [[0, 0, 10], [0, 9, 0], [0, 0, 10]]
