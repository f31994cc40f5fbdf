"""What the web server has answered, counted."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator

from sllm_core.metrics import Metric

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds: the bounds of the buckets in which answers are counted by how long they took."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})
"""Those that are told by their names; clients may make up others."""

OTHER = "(other)"
"""What stands for a method or a path that is none of ours."""


class Traffic:
    """Counts answers by route, method and status, and how long each route took."""

    def __init__(self) -> None:
        self._answers: Counter[tuple[str, str, int]] = Counter()
        self._buckets: dict[str, list[int]] = {}
        self._seconds: Counter[str] = Counter()

    def note(self, route: str, method: str, status: int, seconds: float) -> None:
        """A request was answered; `status` 0: the client has gone, or the answer was broken off."""
        self._answers[route, method if method in METHODS else OTHER, status] += 1
        buckets = self._buckets.setdefault(route, [0] * (len(BOUNDS) + 1))
        buckets[bisect_left(BOUNDS, seconds)] += 1
        self._seconds[route] += seconds  # type: ignore[assignment]

    def metrics(self) -> Iterator[Metric]:
        """The counts, and of each route a histogram in Prometheus' manner, as counters."""
        for (route, method, status), count in sorted(self._answers.items()):
            labels = {"route": route, "method": method, "status": str(status or "broken off")}
            yield Metric("http_requests_total", count, "requests that were answered", "counter", labels)
        for route, buckets in sorted(self._buckets.items()):
            yield from self._histogram(route, buckets)

    def _histogram(self, route: str, buckets: list[int]) -> Iterator[Metric]:
        about, total = "seconds from the first byte of a request to the last of its answer", 0
        for bound, count in zip([*map(str, BOUNDS), "+Inf"], buckets, strict=True):
            total += count
            labels = {"route": route, "le": bound}
            yield Metric("http_request_seconds_bucket", total, about, "counter", labels)
        yield Metric("http_request_seconds_sum", self._seconds[route], about, "counter", {"route": route})
        yield Metric("http_request_seconds_count", total, about, "counter", {"route": route})
