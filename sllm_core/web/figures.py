"""`GET /metrics`: what is counted, for Prometheus."""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from itertools import chain
from typing import Any

from litestar import Request, Response, get
from litestar.config.app import AppConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.plugins import InitPlugin

from sllm_core.metrics import Metric
from sllm_core.web.exposition import MEDIA_TYPE, exposition
from sllm_core.web.learning_figures import learning_figures
from sllm_core.web.service import Service

COUNTED = (
    ("asked", "questions to the language model"),
    ("hits", "questions that kept answers answered"),
    ("calls", "calls to the server of the language model"),
    ("prompt_tokens", "tokens that it read"),
    ("answer_tokens", "tokens that it wrote"),
    ("repairs", "questions that were asked again because the answer was not valid"),
    ("no_answers", "questions without a valid answer"),
    ("retries", "calls that were repeated"),
    ("unavailable", "calls that did not get through"),
    ("refused", "calls that the server refused"),
    ("seconds", "seconds that calls took"),
)


class FiguresPart(InitPlugin):
    """The resource."""

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.route_handlers.append(show)
        return app_config


@get(
    "/metrics",
    summary="What is counted, for Prometheus",
    responses={200: ResponseSpec(str, description="The text format of Prometheus.", media_type="text/plain")},
    tags=["health"],
    sync_to_thread=False,
)
def show(request: Request[Any, Any, Any]) -> Response[str]:
    """All figures of this moment."""
    service: Service = request.app.state["service"]
    return Response(exposition(figures(service)), media_type=MEDIA_TYPE)


def figures(service: Service) -> Iterator[Metric]:
    """Those of the process, the run, the model, learning, the sources and sinks, and the web server."""
    yield Metric("info", 1, "the version of sllm", labels={"version": version("sllm")})
    yield from chain(_process(service), _run(service), _model(service), learning_figures(service))
    yield from chain(service.runner.metrics(), service.traffic.metrics())


def _process(service: Service) -> Iterator[Metric]:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    yield Metric("start_time_seconds", service.started.timestamp(), "when the service began, since 1970")
    yield Metric("cpu_seconds_total", usage.ru_utime + usage.ru_stime, "CPU time of the process", "counter")
    yield Metric("resident_memory_bytes", _resident(), "memory of the process")
    found = service.configuration
    yield Metric("configuration_restart_needed", len(found.restart), "settings that wait for a restart")
    yield Metric("configuration_refused", float(bool(found.problem)), "1 where the last reload changed nothing")


def _run(service: Service) -> Iterator[Metric]:
    counts, runner = service.runner.counts, service.runner
    yield Metric("records_total", counts.records, "records that were read", "counter")
    yield Metric("late_records_total", counts.late, "records behind a closed window, counted in the next", "counter")
    yield Metric("windows_total", counts.windows, "windows that were closed", "counter")
    yield Metric("patterns", len(service.store.patterns), "patterns that are known")
    yield Metric("sources_reading", len(runner.reading), "sources that have not ended")
    for (analyzer, label, method), count in sorted(counts.findings.items()):
        labels = {"analyzer": analyzer, "label": label, "method": method}
        yield Metric("findings_total", count, "findings by what they say and who judged", "counter", labels)
    for analyzer, count in sorted(counts.failures.items()):
        yield Metric("analyzer_failures_total", count, "how often it raised", "counter", {"analyzer": analyzer})
    busy = runner.delivery.busy
    for sink in runner.assembly.sinks:
        waits = time.monotonic() - busy[1] if busy and busy[0] == sink.name else 0.0
        yield Metric("sink_waiting_seconds", waits, "since when it is being written to", labels={"sink": sink.name})


def _model(service: Service) -> Iterator[Metric]:
    gateway, reviewer = service.runner.assembly.model, service.runner.reviewer
    if gateway is None or reviewer is None:
        return
    counts, outcome = gateway.counts, reviewer.outcome
    for name, about in COUNTED:
        yield Metric(f"model_{name}_total", getattr(counts, name), about, "counter")
    for quantile, value in (("0.5", counts.median), ("0.95", counts.slow)):
        if value is not None:
            yield Metric("model_call_seconds", value, "how long a call takes", labels={"quantile": quantile})
    for state in ("closed", "open", "half-open", "refused"):
        labels = {"state": state}
        yield Metric("model_breaker", float(gateway.state == state), "1 for the state of the breaker", labels=labels)
    yield Metric("model_waiting_patterns", outcome.waiting, "patterns that wait for its verdict")
    yield Metric("model_judged_patterns_total", outcome.judged, "patterns that it has judged", "counter")
    yield Metric("model_told_findings_total", outcome.told, "findings in its words", "counter")


def _resident() -> float:
    """Bytes of memory now; the most there ever were where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return float(int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return float(most if sys.platform == "darwin" else most * 1024)
