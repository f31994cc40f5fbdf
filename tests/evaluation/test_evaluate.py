from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import count

import pytest

from sllm_core.evaluation.data import Row, label_data
from sllm_core.evaluation.evaluate import Options, evaluate
from sllm_core.evaluation.judge import Advance, Answer, Costs, Prediction
from sllm_core.evaluation.reading import Labelled
from sllm_core.evaluation.results import Evaluation, Judged
from sllm_core.evaluation.splits import Split

SEVERITIES = ("well", "slow", "down")


def row(place: int) -> Labelled:
    label = place % 3
    return Labelled(f"{SEVERITIES[label]} {place}", label, label, source="ab"[place % 2], pattern=str(place))


ROWS = [row(place) for place in range(24)]


class Fixed:
    """Says of each row what a function of its message says."""

    version, costs = "1", Costs()

    def __init__(self, name: str, said: Callable[[str], Prediction]) -> None:
        self.name, self._said = name, said

    async def judge(self, rows: Sequence[Row], advance: Advance) -> list[Prediction]:
        return [self._said(each.message) for each in rows]


def right(message: str) -> Prediction:
    place = SEVERITIES.index(message.split()[0])
    return Prediction(Answer(place, 0.9), Answer(place, 0.9), float(place > 0))


def wrong(message: str) -> Prediction:
    return Prediction(Answer(1), Answer(0), 0.5)


def silent_on_down(message: str) -> Prediction:
    return Prediction() if message.startswith("down") else right(message)


def evaluated(*judges: Fixed, options: Options | None = None, rows: Sequence[Labelled] = ROWS) -> Evaluation:
    stand_in = Fixed("stand-in", wrong)
    chosen = options or Options(resamples=100)
    return asyncio.run(evaluate(label_data(rows), judges, stand_in, chosen, lambda done, total: None))


def judged(found: Evaluation, name: str) -> Judged:
    return next(each for each in found.judges if each.name == name)


def test_who_is_always_right_has_full_marks() -> None:
    first = evaluated(Fixed("a", right)).judges[0]
    assert {quality.macro_f1.value for quality in first.questions.values()} == {1.0}
    assert first.problem is not None and first.problem.area.value == 1.0
    assert first.questions["severity"].confusion == ((8, 0, 0), (0, 8, 0), (0, 0, 8))
    assert dict(first.questions["severity"].sources) == {"a": 1.0, "b": 1.0}


def test_the_confidence_is_compared_with_what_is_right() -> None:
    calibration = evaluated(Fixed("a", right)).judges[0].questions["severity"].calibration
    assert calibration is not None
    assert calibration.error.value == pytest.approx(0.1)
    assert calibration.brier.value == pytest.approx(0.01)


def test_baselines_stand_beside_it() -> None:
    found = evaluated(Fixed("a", right))
    assert [(each.name, each.baseline) for each in found.judges] == [
        ("a", False), ("majority", True), ("level", True), ("level+words", True),
    ]  # fmt: skip


def test_what_is_not_answered_counts_as_the_stand_in_says() -> None:
    quality = evaluated(Fixed("a", silent_on_down)).judges[0].questions["severity"]
    assert quality.answered == pytest.approx(2 / 3)
    assert quality.answered_macro_f1 == 1.0
    assert quality.confusion == ((8, 0, 0), (0, 8, 0), (8, 0, 0))
    assert quality.calibration is not None and sum(each.weight for each in quality.calibration.bins) == 16


def test_a_question_that_is_never_answered_is_left_out() -> None:
    found = evaluated(Fixed("a", lambda message: Prediction(severity=Answer(0))))
    assert list(found.judges[0].questions) == ["severity"]
    assert found.judges[0].problem is None


def test_a_question_without_labels_is_left_out() -> None:
    found = evaluated(Fixed("a", right), rows=[Labelled(each.message, severity=each.severity) for each in ROWS])
    assert found.questions == ("severity",)


def test_judges_are_compared_pattern_by_pattern() -> None:
    found = evaluated(Fixed("a", right), Fixed("b", silent_on_down))
    difference = next(each for each in found.differences if (each.other, each.question) == ("b", "severity"))
    assert (difference.better, difference.worse) == (8, 0)
    assert difference.p == pytest.approx(2 / 2**8)
    assert difference.macro_f1.low is not None and difference.macro_f1.low > 0


def test_equal_judges_differ_in_nothing() -> None:
    found = evaluated(Fixed("a", right), Fixed("b", right))
    difference = found.differences[0]
    assert (difference.macro_f1.value, difference.macro_f1.low, difference.p) == (0, 0, 1)


def test_a_weight_counts_as_so_many_lines() -> None:
    rows = [Labelled("well a", severity=0, weight=3), Labelled("down b", severity=0)]
    quality = evaluated(Fixed("a", right), rows=rows).judges[0].questions["severity"]
    assert quality.accuracy.value == pytest.approx(0.75)


def test_only_what_was_not_fitted_on_is_measured() -> None:
    found = evaluated(Fixed("a", right), options=Options(Split("pattern", "pattern:0.5", 0.5), resamples=10))
    assert found.data.rows + found.data.fitted == len(ROWS)
    assert 0 < found.data.rows < len(ROWS)
    assert found.data.seen == 0
    assert sum(map(sum, found.judges[0].questions["severity"].confusion)) == found.data.rows


def test_the_threshold_is_fitted_and_measured_on_different_rows() -> None:
    found = evaluated(Fixed("a", right), options=Options(Split("pattern", "pattern:0.5", 0.5), resamples=10))
    problem = found.judges[0].problem
    assert problem is not None and problem.threshold is not None
    assert (problem.threshold.score, problem.threshold.f1) == (0.5, 1.0)


def test_the_time_that_it_takes_is_told() -> None:
    ticks = count()
    found = evaluated(Fixed("a", right), options=Options(resamples=10, clock=lambda: float(next(ticks))))
    assert found.judges[0].costs.seconds_per_10k == pytest.approx(10_000 / len(ROWS))


def test_a_seed_gives_the_same_figures() -> None:
    assert evaluated(Fixed("a", wrong)).differences == evaluated(Fixed("a", wrong)).differences
