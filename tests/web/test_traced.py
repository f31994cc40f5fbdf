from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from sllm_core.settings.sections import TelemetrySection
from sllm_core.telemetry import exported
from sllm_core.tracing import use_tracer
from sllm_core.web.traced import Traced
from web_service import serving

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SECRET = "hunter2-in-a-log-line"
Ask = Callable[[httpx.AsyncClient], Coroutine[Any, Any, object]]


def spans(ask: Ask, tables: dict[str, Any] | None = None) -> tuple[ReadableSpan, ...]:
    """What a service with these settings makes while it is asked."""

    async def scene() -> None:
        async with serving(tables or {"plugins": {"sentiment": {}}}) as (inner, _):
            within: Any = inner._transport
            traced: Any = Traced(within.app, tracer)
            transport = httpx.ASGITransport(traced)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                await ask(client)

    memory = InMemorySpanExporter()
    with exported(memory, TelemetrySection()) as tracer, use_tracer(tracer):
        asyncio.run(scene())
    return memory.get_finished_spans()


def asked(path: str, **headers: str) -> Ask:
    return lambda client: client.get(path, headers=headers)


def test_a_request_is_a_span_with_its_route_status_and_id() -> None:
    (one,) = spans(asked(f"/findings/abc?q={SECRET}", **{"x-request-id": "mine"}))
    assert one.name == "GET /findings/{id}"
    wanted = {"http.request.method": "GET", "http.route": "/findings/{id}", "http.response.status_code": 404}
    assert one.attributes == {**wanted, "sllm.request_id": "mine"}
    assert SECRET not in one.to_json()


def test_it_stands_within_that_of_the_client() -> None:
    (one,) = spans(asked("/patterns", traceparent=f"00-{TRACE}-{PARENT}-01", tracestate=f"a={SECRET}"))
    assert one.parent is not None
    assert (f"{one.context.trace_id:032x}", f"{one.parent.span_id:016x}") == (TRACE, PARENT)
    assert SECRET not in one.to_json()


@pytest.mark.parametrize("sent", ["", "00", f"00-{'0' * 32}-{PARENT}-01", "x" * 10_000, "\xff"])
def test_a_parent_that_is_none_begins_a_new_trace(sent: str) -> None:
    (one,) = spans(lambda client: client.get("/patterns", headers=[(b"traceparent", sent.encode("latin-1"))]))
    assert one.parent is None


def test_what_a_client_makes_up_is_not_repeated() -> None:
    (one,) = spans(lambda client: client.request("MADEUP", f"/{SECRET}"))
    assert one.name == "(other) (other)"


def test_probes_make_none() -> None:
    async def probe(client: httpx.AsyncClient) -> None:
        for path in "/health/live", "/health/ready", "/metrics":
            await client.get(path)

    assert spans(probe) == ()


def test_windows_and_sinks_make_some_without_any_text_of_logs(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text(f"2026-03-01 00:00:00 ERROR {SECRET} refused\n" * 3)
    out = tmp_path / "out.jsonl"
    plugins = {"file": {"path": str(tmp_path / "app.log")}, "summary": {}, "jsonl": {"path": str(out)}}

    async def wait(_: object) -> None:
        while not (out.exists() and out.stat().st_size):
            await asyncio.sleep(0.001)

    found = spans(wait, {"plugins": plugins})
    assert {"close windows", "write findings"} <= {each.name for each in found}
    assert not any(SECRET in each.to_json() for each in found)
