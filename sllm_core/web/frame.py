"""Around the application: request ids, security headers, who may call from where, what was counted."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Mapping
from typing import Any, cast

from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from sllm_core.web.address import LOCAL_NAMES
from sllm_core.web.gate import Gate
from sllm_core.web.problems import MEDIA_TYPE, Problem, log_mistake, mistake, problem_body
from sllm_core.web.traffic import Traffic

SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; form-action 'none'; base-uri 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
"""Headers of every answer that does not bring its own of the same name."""

_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Frame:
    """The outermost ASGI application.

    A page in a browser may not call the service unless it comes from the service itself: it could otherwise reach what
    listens on this machine only. So `Origin`, where it is sent with a method that changes something, must be that of
    `Host`; and where no key is needed, `Host` must be a name of this machine.
    """

    def __init__(self, app: ASGIApp, traffic: Traffic, gate: Gate) -> None:
        self._app, self._traffic, self._gate = app, traffic, gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if str(scope["type"]) == "http":
            await self._answer(cast("HTTPScope", scope), receive, send)
        else:  # what uvicorn tells of its beginning and its end
            await self._app(scope, receive, send)

    async def _answer(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        exchange = _Exchange(send, _request_id(headers.get(b"x-request-id", b"")))
        state = scope["state"] = {**scope.get("state", {}), "request_id": exchange.id}
        begun = time.perf_counter()
        try:
            self._check_origin(scope, headers)
            state["scopes"] = self._gate.admit(headers)
            await self._app(scope, receive, exchange.send)
        except Problem as problem:
            await exchange.refuse(problem)
        except Exception as error:
            log_mistake(exchange.id, error)
            await exchange.refuse(mistake())
        finally:
            self._traffic.note(_route(scope), scope["method"], exchange.status, time.perf_counter() - begun)

    def _check_origin(self, scope: HTTPScope, headers: Mapping[bytes, bytes]) -> None:
        host = headers.get(b"host", b"").decode("latin-1").lower()
        if not self._gate.needs_key and host and _name(host) not in LOCAL_NAMES:
            raise Problem(421, "without API keys the service answers to this machine only: call it as localhost")
        origin = headers.get(b"origin", b"").decode("latin-1").lower()
        if origin and scope["method"] not in _SAFE and origin.split("://")[-1] != host:
            raise Problem(403, "a page of another origin may not call the service")


class _Exchange:
    """One request and what is answered to it."""

    def __init__(self, send: Send, id: str) -> None:
        self._send, self.id, self.status = send, id, 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            given = [*message.get("headers", ())]
            names = {name.lower() for name, _ in given}
            own = [each for each in SECURITY if each[0] not in names]
            message = {**message, "headers": [*given, *own, (b"x-request-id", self.id.encode())]}
        await self._send(message)

    async def refuse(self, problem: Problem) -> None:
        """Answer with a problem, unless an answer has begun already: that is broken off."""
        if self.status:
            raise ConnectionError("the answer was broken off")
        body = problem_body(problem, self.id)
        headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
        headers += [(name.lower().encode(), value.encode()) for name, value in problem.headers.items()]
        start: Any = {"type": "http.response.start", "status": problem.status, "headers": headers}
        await self.send(start)
        rest: Any = {"type": "http.response.body", "body": body, "more_body": False}
        await self._send(rest)


def _request_id(given: bytes) -> str:
    """What the client calls its request, if that can stand in a log; else something new."""
    return given.decode() if _ID.fullmatch(given) else secrets.token_hex(8)


def _name(host: str) -> str:
    return host[1:].split("]")[0] if host.startswith("[") else host.split(":")[0]


def _route(scope: HTTPScope) -> str:
    """The template of the path; of a path that is none of ours, nothing that a stranger could choose."""
    return str(scope.get("path_template") or "(other)")
