"""Around the application: request ids, security headers, who may call from where, what was counted."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Mapping
from functools import partial
from typing import Any, cast

from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from sllm_core.log_context import bound
from sllm_core.web.access import AccessLog
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

_FEATURES = "camera display-capture geolocation microphone midi payment publickey-credentials-get serial usb"
_FROM_HERE = "; ".join(f"{each}-src 'self'" for each in ("script", "style", "img", "font", "connect", "manifest"))

PAGE = (
    (
        b"content-security-policy",
        f"default-src 'none'; {_FROM_HERE}; form-action 'self'; frame-ancestors 'none'; base-uri 'none'".encode(),
    ),
    (b"referrer-policy", b"same-origin"),  # with no-referrer browsers would not say where their own forms come from
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", ", ".join(f"{each}=()" for each in _FEATURES.split()).encode()),
    *(each for each in SECURITY if each[0] not in (b"content-security-policy", b"referrer-policy")),
)
"""The same of pages, which bring scripts, styles and forms, all of their own."""

_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITES = frozenset({b"same-origin", b"none"})


class Frame:
    """The outermost ASGI application.

    A page in a browser may not call the service unless it comes from the service itself: it could otherwise reach what
    listens on this machine only. So `Origin`, where it is sent with a method that changes something, must be that of
    `Host`, and `Sec-Fetch-Site` must not tell of another; and where no key is needed, `Host` must be a name of this
    machine.

    What is behind it finds in the state of a request: `gate`; `key`, the client's, and `holds`, whether it still does;
    its `scopes`. It may put there `page`, so that the answer has the headers of one, and `set_cookies`.
    """

    def __init__(self, app: ASGIApp, traffic: Traffic, gate: Gate, access: AccessLog | None = None) -> None:
        self._app, self._traffic, self._gate, self._access = app, traffic, gate, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if str(scope["type"]) == "http":
            await self._answer(cast("HTTPScope", scope), receive, send)
        else:  # what uvicorn tells of its beginning and its end
            await self._app(scope, receive, send)

    async def _answer(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        id = _request_id(headers.get(b"x-request-id", b""))
        state = scope["state"] = {**scope.get("state", {}), "request_id": id, "gate": self._gate}
        exchange = _Exchange(send, id, state)
        begun = time.perf_counter()
        try:
            self._check_origin(scope, headers)
            self._identify(state, headers)
            with bound(request_id=id):
                await self._app(scope, receive, exchange.send)
        except Problem as problem:
            await exchange.refuse(problem)
        except Exception as error:
            log_mistake(exchange.id, error)
            await exchange.refuse(mistake())
        finally:
            self._note(scope, exchange, begun)

    def _note(self, scope: HTTPScope, exchange: _Exchange, begun: float) -> None:
        route, method, seconds = _route(scope), scope["method"], time.perf_counter() - begun
        self._traffic.note(route, method, exchange.status, seconds)
        if self._access is not None:
            waited = exchange.began - begun if exchange.began else seconds
            key = getattr(scope["state"].get("key"), "name", "")
            self._access.note(exchange.id, method, route, exchange.status, seconds, waited, key)

    def _check_origin(self, scope: HTTPScope, headers: Mapping[bytes, bytes]) -> None:
        host = headers.get(b"host", b"").decode("latin-1").lower()
        if not self._gate.needs_key and host and _name(host) not in LOCAL_NAMES:
            raise Problem(421, "without API keys the service answers to this machine only: call it as localhost")
        origin = headers.get(b"origin", b"").decode("latin-1").lower()
        if origin and scope["method"] not in _SAFE and origin.split("://")[-1] != host:
            raise Problem(403, "a page of another origin may not call the service")
        if scope["method"] not in _SAFE and headers.get(b"sec-fetch-site", b"none") not in _OWN_SITES:
            raise Problem(403, "a page of another site may not call the service")

    def _identify(self, state: dict[str, Any], headers: Mapping[bytes, bytes]) -> None:
        state["key"] = key = self._gate.identify(headers)
        state["scopes"] = () if key is None else key.scopes
        if key is not None:
            state["holds"] = partial(self._gate.holds, key)


class _Exchange:
    """One request and what is answered to it."""

    def __init__(self, send: Send, id: str, state: Mapping[str, Any]) -> None:
        self._send, self.id, self._state, self.status = send, id, state, 0
        self.began = 0.0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.began = message["status"], time.perf_counter()
            given = [*message.get("headers", ())]
            names = {name.lower() for name, _ in given}
            own = [each for each in (PAGE if "page" in self._state else SECURITY) if each[0] not in names]
            own += [(b"set-cookie", each) for each in self._state.get("set_cookies", ())]
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
