from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from threading import enumerate as enumerate_threads

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from sllm_core.plugin import PluginError
from sllm_core.settings.sections import TelemetrySection
from sllm_core.telemetry import Outages, exported
from sllm_core.tracing import span, tracing, use_tracer
from web_service import CONFIG, started, until

SECTION = TelemetrySection()


class Collector(HTTPServer):
    """Takes spans by OTLP over HTTP, and answers with `status`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taking)
        self.names: list[str] = []
        self.status = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Taking(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        found = ExportTraceServiceRequest.FromString(body)
        spans = (each for one in found.resource_spans for scope in one.scope_spans for each in scope.spans)
        self.server.names += [f"{self.path} {each.name}" for each in spans]
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_off_nothing_is_made_and_nothing_imported() -> None:
    program = (
        "import sys; from sllm_core.tracing import span, tracing; from sllm_core.settings import settings_from\n"
        "with tracing(settings_from({}).telemetry) as tracer, span('a') as made: assert tracer is made is None\n"
        "import sllm_core.cli.serve, sllm_core.web.app\n"
        "assert not [each for each in sys.modules if each.startswith('opentelemetry')]"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_spans_stand_within_one_another_also_in_threads() -> None:
    def inner() -> None:
        with span("inner", findings=2):
            pass

    async def outer() -> None:
        with span("outer"):
            await asyncio.to_thread(inner)

    memory = InMemorySpanExporter()
    with exported(memory, SECTION) as tracer, use_tracer(tracer):
        asyncio.run(outer())
    one, other = memory.get_finished_spans()
    assert (one.name, one.attributes, other.name) == ("inner", {"sllm.findings": 2}, "outer")
    assert one.parent is not None and one.parent.span_id == other.context.span_id


def test_of_an_error_only_the_type_is_told() -> None:
    memory = InMemorySpanExporter()
    with exported(memory, SECTION) as tracer, use_tracer(tracer), pytest.raises(ValueError), span("a"):
        raise ValueError("ERROR password=hunter2")
    assert "hunter2" not in (text := "".join(each.to_json() for each in memory.get_finished_spans()))
    assert "ValueError" in text


def test_they_reach_a_collector(collector: Collector) -> None:
    with tracing(TelemetrySection(endpoint=collector.url), {}) as tracer, span("a"):
        assert tracer is not None
    assert collector.names == ["/v1/traces a"]


def test_a_service_sends_what_it_does(collector: Collector, tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text("2026-03-01 00:00:00 ERROR payment failed\n")
    reading = f'[plugins.file]\npath = "app.log"\n[plugins.jsonl]\n[telemetry]\nendpoint = "{collector.url}"\n'
    (tmp_path / "config.toml").write_text(CONFIG + reading)
    with started(tmp_path) as served:
        until(lambda: "summary" in httpx.get(f"{served.url}/findings").text)
        assert served.stop() == 0
    assert {f"/v1/traces {each}" for each in ("GET /findings", "close windows", "write findings")} <= {*collector.names}


def test_the_environment_may_name_the_collector(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    monkeypatch.setenv("OTEL_SERVICE_NAME", "shop-logs")
    with tracing(SECTION), span("a"):
        pass
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    with tracing(SECTION) as tracer, span("b"):
        assert tracer is None
    assert collector.names == ["/v1/traces a"]


def test_a_collector_that_is_away_holds_nothing_up(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "sllm"), tracing(TelemetrySection(endpoint="http://127.0.0.1:9"), {}):
        for _ in range(5000):
            with span("a"):
                pass
    assert sum(each.name == "sllm.telemetry" for each in caplog.records) <= 1
    assert [each.name for each in enumerate_threads() if each.name.startswith("Otel")] == []


def test_an_outage_is_told_once_and_so_is_its_end(caplog: pytest.LogCaptureFixture) -> None:
    results = iter([SpanExportResult.FAILURE, SpanExportResult.FAILURE, SpanExportResult.SUCCESS])

    class Faulty(InMemorySpanExporter):
        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            return next(results)

    outages, spans = Outages(Faulty()), [ReadableSpan("a")] * 3
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            outages.export(spans)
    assert [each.levelname for each in caplog.records] == ["WARNING", "INFO"]
    assert vars(caplog.records[1])["dropped"] == 6


def test_without_the_extra_it_is_said_what_to_install(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "sllm_core.telemetry", None)
    with (
        pytest.raises(PluginError, match=r"pip install 'sllm\[otel\]'"),
        tracing(TelemetrySection(endpoint="http://a")),
    ):
        pass
    with tracing(SECTION, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a"}) as tracer:
        assert tracer is None
    assert "pip install" in caplog.text
