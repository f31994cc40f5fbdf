"""What the benchmarks of learning say is so, on a small scale."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from sllm_core.classifier import Classifier, retrain
from sllm_core.classifier.corpus import read_corpus

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
LOG = """\
2026-03-02 01:00:00,000 INFO [main] shop.Orders - order 17 of north was packed
2026-03-02 01:00:01,000 INFO [main] shop.Orders - order 18 of north was packed
2026-03-02 01:00:02,000 WARN [main] shop.Orders - order 18 of north was packed
2026-03-02 01:00:03,000 ERROR [main] shop.Orders - error: the carriage has no wheels
2026-03-02 01:00:04,000 WARN [main] shop.Orders - warning, the road is long
"""


@pytest.fixture
def learning(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return benchmark("learning", monkeypatch)


@pytest.fixture
def training(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return benchmark("training", monkeypatch)


def benchmark(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    if not (BENCHMARKS / f"{name}.py").exists():
        pytest.skip("the benchmarks are not here: run the tests in a checkout")
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module(name)


@pytest.fixture
def short_corpus(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A tenth of the corpus, which is learnt in a tenth of the time."""
    monkeypatch.setattr(retrain, "read_corpus", lambda: read_corpus()[::10])
    yield


def test_a_pattern_has_the_level_of_most_of_its_lines_and_does_not_show_it(
    learning: ModuleType, tmp_path: Path
) -> None:
    (tmp_path / "shop.log").write_text(LOG, encoding="utf-8")
    found = {each.text: each.severity for each in learning.labelled(tmp_path / "shop.log")}
    assert found == {
        "order 17 of north was packed": "normal",
        " : the carriage has no wheels": "critical",
        " , the road is long": "warning",
    }


def test_a_log_of_one_level_tells_nothing(learning: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "shop.log").write_text(LOG.splitlines()[0] * 2, encoding="utf-8")
    assert learning.labelled(tmp_path / "shop.log") == []


def test_a_ranking_is_compared_with_its_interval(learning: ModuleType) -> None:
    truth = np.array([True, False] * 50)
    found = learning.Ranking(truth, np.where(truth, 0.4, 0.6), np.where(truth, 0.9, 0.1))
    assert found.areas() == (pytest.approx(0.5), 1.0)
    low, high = found.interval()
    assert 0.3 < low < 0.5 < high < 0.7


@pytest.mark.usefixtures("short_corpus")
def test_ten_labels_of_a_kind_turn_its_verdict(learning: ModuleType) -> None:
    kind = "{} humming within band {}"
    found = learning.turned(kind, "critical", Classifier.load())
    assert (found.before, found.after, found.size) == (0, 20, 20)


@pytest.mark.usefixtures("short_corpus")
def test_what_one_half_teaches_is_measured_on_the_other(learning: ModuleType) -> None:
    patterns = [
        learning.Labelled("plant", text, severity)
        for kind, severity in (("{} humming within {}", "critical"), ("outage of {} rehearsed with {}", "normal"))
        for text in learning.of_kind(kind, 30)
    ]
    before, after = learning.Halves.of(patterns, Classifier.load()).ranking.areas()
    assert {each.half for each in patterns} == {0, 1}
    assert before < 0.9 and after > 0.99


def test_both_trainings_are_given_the_same_rows(training: ModuleType) -> None:
    task = training.Task("", 2, "cpu", False)
    learnt, held = task.rows()
    assert (len(learnt), len(held)) == (2 * training.BATCH, training.HELD)
    assert not {each.prompt.user for each in learnt} & {each.prompt.user for each in held}
