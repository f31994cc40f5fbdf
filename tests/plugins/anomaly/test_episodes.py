from __future__ import annotations

import numpy as np

from sllm_core.records import SLOTS
from sllm_plugins.anomaly.episodes import Cluster, episodes
from sllm_plugins.anomaly.evidence import CAUSE, EFFECT, FAULT, UNKNOWN


def cluster(
    kind: str, role: int, slots: range, *, begin: float | None = None, sure: float = 1.0, service: int = 0
) -> Cluster:
    """A cluster with one record in each of these slots, which was never there before."""
    counts = np.bincount(slots, minlength=SLOTS)
    began = float(slots[0]) if begin is None else begin
    services = np.eye(3, dtype=bool)[service]
    return Cluster(np.array([1]), kind, role, counts, began, sure, 10.0 * SLOTS, services)


def count(*clusters: Cluster) -> int:
    return len(episodes(clusters))


def test_nothing_makes_no_episode() -> None:
    assert episodes([]) == []


def test_what_begins_together_in_one_service_is_one_episode() -> None:
    early, late = range(10, 50, 2), range(11, 15)
    assert count(cluster("a", UNKNOWN, early), cluster("b", UNKNOWN, late)) == 1
    assert count(cluster("a", UNKNOWN, early), cluster("b", UNKNOWN, range(30, 34))) == 2
    assert count(cluster("a", UNKNOWN, early), cluster("b", UNKNOWN, late, service=1)) == 2


def test_effects_follow_their_cause_in_other_services() -> None:
    assert count(cluster("dns", CAUSE, range(10, 50, 3)), cluster("timeout", EFFECT, range(14, 40), service=1)) == 1


def test_effects_lie_within_the_time_of_their_cause() -> None:
    fault = cluster("connection", FAULT, range(10, 35, 2))
    assert count(fault, cluster("circuit-breaker", EFFECT, range(22, 33, 5), service=1)) == 1
    assert count(fault, cluster("slow", EFFECT, range(45, 55), service=1)) == 2


def test_a_cause_that_lasts_all_window_long_explains_nothing_by_its_time() -> None:
    steady = cluster("connection", FAULT, range(0, 60, 2), begin=0)
    assert count(steady, cluster("slow", EFFECT, range(30, 35), service=1)) == 2


def test_effects_of_a_cause_that_began_earlier_are_its_own() -> None:
    ongoing = cluster("connection", FAULT, range(0, 60, 4), begin=-SLOTS)
    assert count(ongoing, cluster("timeout", EFFECT, range(20, 40), service=1)) == 1


def test_what_is_there_as_ever_is_no_effect() -> None:
    fault = cluster("connection", FAULT, range(10, 35, 2))
    assert count(fault, cluster("timeout", EFFECT, range(1, 60, 9), begin=-9 * SLOTS, sure=0, service=1)) == 2


def test_two_causes_are_two_episodes() -> None:
    disk, dns = cluster("disk-full", CAUSE, range(10, 40, 3)), cluster("dns", CAUSE, range(11, 50, 4), service=1)
    assert count(disk, dns) == 2
