from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alert_scene import Scene, finding, quiet_window
from sllm_plugins.alerts.ledger import Ledger, Told
from sllm_plugins.alerts.notice import CRITICAL, WARNING
from sllm_plugins.alerts.settling import settle

ONE, TWO = f"{1:016x}", f"{2:016x}"


def two(ids: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Pattern 1 gave way to pattern 2."""
    return np.where(ids == 1, np.uint64(2), ids)


def test_what_was_told_of_a_pattern_was_told_of_the_one_it_gave_way_to() -> None:
    ledger = Ledger(told={ONE: Told(CRITICAL, 5.0, 1), TWO: Told(WARNING, 9.0, 2), "other x": Told(WARNING, 1.0)})
    settle(ledger, two)
    assert ledger.told == {TWO: Told(CRITICAL, 9.0, 3), "other x": Told(WARNING, 1.0)}


def test_two_entries_that_wait_become_one() -> None:
    scene = Scene()
    scene.take(finding(1), finding(2, shard="b.log"))
    ledger = scene.desk._ledgers.load()
    settle(ledger, two)
    assert [(each.key, each.count) for each in ledger.waiting.values()] == [(TWO, 80)]
    assert list(ledger.troubles) == [TWO] and len(ledger.troubles[TWO].places) == 2


def test_a_trouble_is_over_under_its_new_name() -> None:
    scene = Scene()
    scene.take(finding(1))
    scene.told()
    scene.desk._resolve = two
    scene.take(quiet_window(0))
    assert scene.told() == [("over", "0002", CRITICAL)]
