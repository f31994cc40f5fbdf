from __future__ import annotations

from sllm_core.evaluation.consistency import Contradiction, consistency
from sllm_core.evaluation.data import label_data
from sllm_core.evaluation.reading import Labelled


def test_a_pattern_with_two_labels_is_told() -> None:
    rows = [Labelled(f"Disk {each} is full", severity=label) for each, label in enumerate((2, 2, 2, 1))]
    found = consistency(label_data([*rows, Labelled("fine", severity=0)]))
    assert found.contradictions == (Contradiction("severity", "Disk <*> is full", {"warning": 1.0, "critical": 3.0}),)
    assert found.ceiling == {"severity": 0.8}


def test_the_weight_counts() -> None:
    rows = [Labelled("a", severity=0, weight=9), Labelled("a", severity=1)]
    assert consistency(label_data(rows)).ceiling == {"severity": 0.9}


def test_repeated_rows_are_counted() -> None:
    rows = [Labelled("a", severity=0), Labelled("a", severity=0), Labelled("a", severity=0, level="INFO")]
    assert consistency(label_data(rows)).repeated == 1
