from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from sllm_core.log_context import bound_fields
from sllm_core.web.access import MOST, AccessLog
from sllm_core.web.frame import Frame
from sllm_core.web.gate import Gate
from sllm_core.web.keys import Key, digest_of
from sllm_core.web.traffic import Traffic


def told(records: list[logging.LogRecord], *names: str) -> list[tuple[object, ...]]:
    return [tuple(getattr(each, name, None) for name in names) for each in records]


def note(log: AccessLog, status: int = 200, waited: float = 0.001, method: str = "GET") -> None:
    log.note("id", method, "/health", status, 0.0125, waited, "grafana")


def test_each_request_is_one_line_at_debug(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        note(AccessLog(1))
    fields = told(caplog.records, "request_id", "method", "route", "status", "ms", "key", "levelname")
    assert fields == [("id", "GET", "/health", 200, 12.5, "grafana", "DEBUG")]


@pytest.mark.parametrize(("status", "waited", "message"), [(500, 0.1, "request"), (200, 1.1, "slow request")])
def test_failures_and_slow_ones_are_warnings(
    caplog: pytest.LogCaptureFixture, status: int, waited: float, message: str
) -> None:
    note(AccessLog(1), status, waited)
    note(AccessLog(1), 404, 0.9)
    assert told(caplog.records, "levelname", "message") == [("WARNING", message)]


def test_a_made_up_method_is_not_repeated(caplog: pytest.LogCaptureFixture) -> None:
    note(AccessLog(1), 501, method="INJECTED")
    assert told(caplog.records, "method") == [("(other)",)]


def test_a_flood_of_failures_is_counted_and_told_later(caplog: pytest.LogCaptureFixture) -> None:
    now = 0.0
    log = AccessLog(1, clock=lambda: now)
    with caplog.at_level(logging.INFO):
        for _ in range(MOST + 5):
            note(log, 503)
        now = 1.0
        note(log, 503)
    assert told(caplog.records, "left_out") == [(None,)] * MOST + [(5,)]


def test_the_frame_names_the_key_and_the_route_and_nothing_that_a_client_chose(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def app(scope: dict[str, Any], receive: object, send: object) -> None:
        scope["path_template"] = "/findings/{id}"
        logging.getLogger("within").warning("a line", extra=dict(bound_fields()))
        raise ValueError("a mistake")

    key = Key("grafana", digest_of("s3cret"), ("read",))
    gate = Gate([key])
    headers = [(b"x-api-key", b"s3cret"), (b"x-request-id", b"mine")]
    scope: Any = {
        "type": "http",
        "method": "GET",
        "path": "/findings/abc",
        "query_string": b"q=abc",
        "headers": headers,
    }

    async def quiet(*_: object) -> None: ...

    send: Any = quiet

    with caplog.at_level(logging.DEBUG):
        inner: Any = app
        asyncio.run(Frame(inner, Traffic(), gate, AccessLog(1))(scope, send, send))
    fields = told(caplog.records, "name", "request_id", "route", "key")
    assert ("within", "mine", None, None) in fields
    assert fields[-1] == ("sllm.access", "mine", "/findings/{id}", "grafana")
    assert not any("s3cret" in str(vars(each)) or "abc" in str(vars(each)) for each in caplog.records)
