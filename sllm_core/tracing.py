"""Spans for OpenTelemetry: what took how long, of requests, windows, calls of the model, writes to sinks, and tuning.

Off, it costs one look at a variable, and nothing of OpenTelemetry is imported. Spans bear names and counts, never text
of logs, prompts or answers.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING

from sllm_core.plugin import PluginError

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

    from sllm_core.settings.sections import TelemetrySection

Value = str | int | float | bool
ENVIRONMENT = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
MISSING = "OpenTelemetry is not installed: pip install 'sllm[otel]'"

_TRACER: ContextVar[Tracer | None] = ContextVar("sllm_tracer", default=None)


def span(name: str, **attributes: Value) -> AbstractContextManager[Span | None]:
    """A span around what is done while it lasts, within that of now; None where there is no tracing.

    Of an exception it tells the type alone: a message may quote what it is about.
    """
    tracer = _TRACER.get()
    return nullcontext() if tracer is None else _spanned(tracer, name, attributes)


@contextmanager
def _spanned(tracer: Tracer, name: str, attributes: Mapping[str, Value]) -> Iterator[Span]:
    from opentelemetry.trace import StatusCode

    given = {f"sllm.{key}": value for key, value in attributes.items()}
    with tracer.start_as_current_span(
        name, attributes=given, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield current
        except BaseException as error:
            current.set_attribute("error.type", type(error).__name__)
            if isinstance(error, Exception):
                current.set_status(StatusCode.ERROR)
            raise


@contextmanager
def use_tracer(tracer: Tracer) -> Iterator[None]:
    """While this lasts, spans are made, also in tasks and threads that are started in it."""
    token = _TRACER.set(tracer)
    try:
        yield
    finally:
        _TRACER.reset(token)


@contextmanager
def tracing(section: TelemetrySection, environ: Mapping[str, str] = os.environ) -> Iterator[Tracer | None]:
    """While this lasts, spans go to the collector that [telemetry] or the environment names; None where none is.

    Raises:
        PluginError: [telemetry] names one, and OpenTelemetry is not installed. Where only the environment does, as it
            may for all programs of a cluster, one line of the log says so.
    """
    tracer = _opened(section, environ)
    if tracer is None:
        yield None
        return
    with tracer as opened, use_tracer(opened):
        yield opened


def _opened(section: TelemetrySection, environ: Mapping[str, str]) -> AbstractContextManager[Tracer] | None:
    named = next((environ[name] for name in ENVIRONMENT if environ.get(name)), "")
    if not (section.endpoint or named) or environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return None
    try:
        from sllm_core.telemetry import collector, exported
    except ImportError as error:
        if section.endpoint:
            raise PluginError(f"[telemetry] endpoint: {MISSING}, or take the section out") from error
        logging.getLogger("sllm.telemetry").warning("the environment names a collector, and %s", MISSING)
        return None
    return exported(collector(section), section)
