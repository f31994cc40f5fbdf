"""A span for each request, around the whole application."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, cast

from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from sllm_core.log_context import bound
from sllm_core.web.traffic import METHODS, OTHER

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span, Tracer

PROBES = frozenset({"/health/live", "/health/ready", "/metrics"})
"""Paths that are asked every few seconds and tell nothing."""


class Traced:
    """Opens a span for a request, within that of the client if it sends `traceparent`.

    It bears the template of the path, the status and the request id; no path, query or header that a client chooses.
    Lines of the log bear its `trace_id`.
    """

    def __init__(self, app: ASGIApp, tracer: Tracer) -> None:
        self._app, self._tracer = app, tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if str(scope["type"]) != "http" or scope.get("path") in PROBES:
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        with self._opened(scope) as span:
            try:
                with bound(trace_id=f"{span.get_span_context().trace_id:032x}"):
                    await self._app(scope, receive, answer.send)
            finally:
                _describe(span, cast("HTTPScope", scope), answer.status)

    def _opened(self, scope: Scope) -> AbstractContextManager[Span]:
        return self._tracer.start_as_current_span(
            "request",
            context=_sent(scope),
            kind=SpanKind.SERVER,
            record_exception=False,
            set_status_on_exception=False,
        )


class _Answer:
    def __init__(self, send: Send) -> None:
        self._send, self.status = send, 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)


def _sent(scope: Scope) -> Context:
    headers: dict[bytes, bytes] = dict(scope["headers"])
    parent = headers.get(b"traceparent", b"").decode("latin-1")
    return TraceContextTextMapPropagator().extract({"traceparent": parent[:100]} if parent else {})


def _describe(span: Span, scope: HTTPScope, status: int) -> None:
    route = str(scope.get("path_template") or OTHER)
    method = scope["method"] if scope["method"] in METHODS else OTHER
    span.update_name(f"{method} {route}")
    span.set_attribute("http.request.method", method)
    span.set_attribute("http.route", route)
    span.set_attribute("http.response.status_code", status)
    span.set_attribute("sllm.request_id", str(scope.get("state", {}).get("request_id", "")))
    if status >= 500 or not status:
        span.set_status(StatusCode.ERROR)
