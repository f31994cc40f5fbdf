"""What is counted of learning, for Prometheus: labels of humans, runs of tuning, and the version that judges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from sllm_core.classifier import Verdicts
from sllm_core.learning.statement import LABELS
from sllm_core.learning.tuning import OUTCOMES
from sllm_core.learning.watching import STATES, Sight
from sllm_core.metrics import Metric
from sllm_core.store.tuning_runs import LIMIT
from sllm_core.web.service import Service

ENDS = (*OUTCOMES, "failed", "cancelled", "lost")
"""What may come of a run."""


def learning_figures(service: Service) -> Iterator[Metric]:
    """Those of a service."""
    yield from _verdicts(service.runner.verdicts)
    yield from _runs(service)
    for sight in service.watch.sights:
        yield from _watched(sight)
    if (due := service.clock.next) is not None:
        seconds = max((due.at - datetime.now(UTC)).total_seconds(), 0.0)
        yield Metric("tuning_next_seconds", round(seconds), "seconds until the next nightly run of tuning")


def _verdicts(verdicts: Verdicts) -> Iterator[Metric]:
    version = {"version": verdicts.version}
    yield Metric("classifier_info", 1, "the version of the classifier that judges", labels=version)
    for task, count in zip(LABELS, verdicts.labelled, strict=True):
        yield Metric("human_labelled_patterns", count, "patterns that a human has labelled", labels={"task": task})


def _watched(sight: Sight) -> Iterator[Metric]:
    tuner = {"tuner": sight.tuner}
    for state in STATES:
        labels = {**tuner, "state": state}
        yield Metric(
            "watch_state", float(sight.state == state), "1 for how the version of a tuner stands", labels=labels
        )
    about = "versions that the watch has taken back"
    yield Metric("watch_rollbacks_total", sight.back, about, "counter", tuner)
    yield Metric("watch_looks", sight.looks, "looks in a row that found a measure beyond its limit", labels=tuner)
    for each in sight.measures:
        labels = {**tuner, "measure": each.name, "task": each.task}
        yield Metric("watch_value", each.value, "a version beside the one before it", labels=labels)
        yield Metric("watch_limit", each.limit, "beyond which a version is taken back", labels=labels)
        yield Metric("watch_seen", min(each.seen, 1 << 53), "verdicts or statements behind a measure", labels=labels)


def _runs(service: Service) -> Iterator[Metric]:
    runs = service.tuning_runs
    ended = [(each.ended, each.outcome) for each in runs.recent(LIMIT) if each.ended is not None]
    counts = Counter(outcome for time, outcome in ended if time >= service.started)
    for outcome in dict.fromkeys([*ENDS, *counts]):
        about = "runs of tuning that have ended, by what came of them"
        yield Metric("tuning_runs_total", counts[outcome], about, "counter", {"outcome": outcome})
    yield Metric("tuning_running", float(runs.current is not None), "1 while a run of tuning is at work")
    if ended:
        last = max(time.timestamp() for time, _ in ended)
        yield Metric("tuning_last_run_timestamp_seconds", last, "when the last run of tuning ended, since 1970")
