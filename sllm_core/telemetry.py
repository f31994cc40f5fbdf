"""Spans to a collector, by OTLP over HTTP; imported only where that is configured."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from threading import Thread
from typing import TYPE_CHECKING

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
from opentelemetry.trace import Tracer

if TYPE_CHECKING:
    from sllm_core.settings.sections import TelemetrySection

TIMEOUT = 5.0
"""Seconds for one batch, with all tries; one that has not gone by then is dropped."""

FAREWELL = 3.0
"""Seconds at the end for what waits; a collector that is away holds nothing up."""

PATH = "v1/traces"


class Outages(SpanExporter):
    """An exporter that tells the log once when spans begin to be dropped, and once when they go through again."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter, self._dropped, self._closed = exporter, 0, False
        self._logger = logging.getLogger("sllm.telemetry")

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Hand a batch on."""
        if self._closed:
            return SpanExportResult.FAILURE
        result = self._exporter.export(spans)
        if result is SpanExportResult.SUCCESS:
            if self._dropped:
                self._logger.info("the collector takes spans again", extra={"dropped": self._dropped})
            self._dropped = 0
        else:
            if not self._dropped:
                self._logger.warning("the collector does not take spans; they are dropped until it does")
            self._dropped += len(spans)
        return result

    def shutdown(self) -> None:
        """Close the connection, and try nothing again."""
        if not self._closed:
            self._closed = True
            self._exporter.shutdown()


def collector(section: TelemetrySection) -> SpanExporter:
    """The exporter to the endpoint of the section; without one that of the environment, as OpenTelemetry reads it."""
    base = section.endpoint.rstrip("/")
    address = base if not base or base.endswith(PATH) else f"{base}/{PATH}"
    return OTLPSpanExporter(endpoint=address or None, timeout=TIMEOUT)


@contextmanager
def exported(exporter: SpanExporter, section: TelemetrySection) -> Iterator[Tracer]:
    """While this lasts, a tracer whose spans are sent in batches by a thread; those that do not fit in its queue are
    dropped."""
    given = {"service.name": section.service, "service.version": version("sllm")}
    resource = Resource(given).merge(Resource.create())
    resource = resource.merge(Resource({"service.name": section.service})) if _unnamed(resource) else resource
    provider = TracerProvider(ParentBasedTraceIdRatio(section.ratio), resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(outages := Outages(exporter)))
    try:
        yield provider.get_tracer("sllm", version("sllm"))
    finally:
        end = Thread(target=provider.shutdown, daemon=True)
        end.start()
        end.join(FAREWELL)
        if end.is_alive():
            outages.shutdown()  # else its thread would go on trying
            end.join(FAREWELL)


def _unnamed(resource: Resource) -> bool:
    """Whether the environment gives the service no name."""
    return str(resource.attributes.get("service.name", "")).startswith("unknown_service")
