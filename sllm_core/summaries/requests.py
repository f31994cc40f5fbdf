"""The requests that the messages of a window tell of, counted as they come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sllm_core.buffers import is_present, to_numpy
from sllm_core.grouping import MISSING
from sllm_core.summaries.fields import Fields, Ints
from sllm_core.summaries.notations import RequestRecords
from sllm_core.summaries.ranking import ranking
from sllm_core.summaries.sketch import quantile, sketch, to_json

ENDPOINTS = 10_000
"""How many endpoints of a window are kept apart while it is open; later ones are counted together."""

FailedAnswer = tuple[int, int, bool]
"""The pattern and the status of an answer that is an error, and whether its record has such a level."""


@dataclass
class Endpoint:
    """What is counted of one path: requests, those answered with 5xx, and the durations in milliseconds."""

    requests: int = 0
    failures: int = 0
    timed: int = 0
    total_ms: float = 0.0


@dataclass
class Requests:
    """What is counted of the requests of one window.

    `opened` counts messages that only name a request; they matter when no message tells how requests end. `failures`
    are answers with 5xx; `silent_failures` those of them whose record has no level of ERROR or above; `failed` has the
    answers of both kinds and those with a lower status that were logged as errors.
    """

    completed: int = 0
    opened: int = 0
    failures: int = 0
    silent_failures: int = 0
    failed: Counter[FailedAnswer] = field(default_factory=Counter)
    total_ms: float = 0.0
    statuses: Counter[str] = field(default_factory=Counter)
    durations: Counter[int] = field(default_factory=Counter)
    endpoints: dict[str | None, Endpoint] = field(default_factory=dict)
    opened_endpoints: dict[str | None, Endpoint] = field(default_factory=dict)

    def add(self, told: RequestRecords) -> None:
        """Count records that are all written in one notation."""
        fields = told.fields
        if told.read.opens:
            self.opened += len(told)
            _count_endpoints(self.opened_endpoints, fields)
            return
        self.completed += len(told)
        self._count_answers(fields.status, told.records)
        self._count_durations(fields.duration[~np.isnan(fields.duration)])
        _count_endpoints(self.endpoints, fields)

    def _count_answers(self, status: Ints, records: pa.Table) -> None:
        for each, count in enumerate(np.bincount(status // 100).tolist()):
            if each and count:
                self.statuses[f"{each}xx"] += count
        loud, failed = _are_errors(records["level"].combine_chunks()), status >= 500
        self.failures += int(failed.sum())
        self.silent_failures += int((failed & ~loud).sum())
        wrong = np.flatnonzero(failed | (loud & (status > 0)))
        patterns = to_numpy(records["pattern"].combine_chunks())[wrong].tolist()
        self.failed.update(zip(patterns, status[wrong].tolist(), loud[wrong].tolist(), strict=True))

    def _count_durations(self, durations: NDArray[np.float64]) -> None:
        self.durations.update(sketch(durations))
        self.total_ms += float(durations.sum())

    def to_facts(self, top: int = 20) -> dict[str, Any]:
        """The counts as mergeable facts; see `sllm_core.summaries.facts`."""
        endpoints = self.endpoints or self.opened_endpoints
        return {
            "requests": self.completed or self.opened,
            "failures": self.failures,
            "latency": latency_facts(self.total_ms, to_json(self.durations)),
            "statuses": dict(sorted(self.statuses.items())),
            "endpoints": ranking(({"name": name, **vars(each)} for name, each in endpoints.items()), "requests", top),
        }


def latency_facts(total_ms: float, sketched: Mapping[str, Any]) -> dict[str, Any] | None:
    """Mean, quantiles (milliseconds) and the sketch of durations; None when there are none."""
    count = sum(sketched["counts"])
    if not count:
        return None
    p95 = quantile(sketched, 0.95)
    return {
        "count": count,
        "total_ms": total_ms,
        "mean_ms": total_ms / count,
        "p95_ms": p95,
        "histogram": dict(sketched),
    }


def _are_errors(levels: pa.DictionaryArray) -> NDArray[np.bool_]:
    names = levels.dictionary.to_pylist()
    places = [place for place, name in enumerate(names) if name in ("ERROR", "FATAL")]
    loud = np.zeros(len(names) + 1, bool)
    loud[places] = True
    return loud[np.where(is_present(levels.indices), to_numpy(levels.indices), len(names))]


def _count_endpoints(endpoints: dict[str | None, Endpoint], fields: Fields) -> None:
    known, size = fields.path != MISSING, len(fields.paths)
    path, duration = fields.path[known], fields.duration[known]
    timed = ~np.isnan(duration)
    requests = np.bincount(path, minlength=size).tolist()
    failures = np.bincount(path, fields.status[known] >= 500, size).tolist()
    timings = np.bincount(path, timed, size).tolist()
    totals = np.bincount(path, np.where(timed, duration, 0.0), size).tolist()
    for name, *counts, total in zip(fields.paths, requests, failures, timings, totals, strict=True):
        kept = name in endpoints or len(endpoints) < ENDPOINTS
        endpoint = endpoints.setdefault(name if kept else None, Endpoint())
        endpoint.requests += int(counts[0])
        endpoint.failures += int(counts[1])
        endpoint.timed += int(counts[2])
        endpoint.total_ms += total
