"""HTTP to a model server: one request, one whole answer of bounded size in bounded time, or the reason why not."""

from __future__ import annotations

import asyncio
import errno
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import httpx

from sllm_core.models.language_model import ModelRefused, ModelUnavailable

from .address import proxy_for, shown

BARE = "bare"
"""The extension of a request whose answer has no content, which other answers may not lack."""

LIMIT = 64 << 20
"""How many bytes an answer may have; the largest honest one is a vocabulary of 260,000 tokens, about 20 MiB."""

SAID = 200
"""How many characters of what a server says about an error are told."""

AGAIN = frozenset({408, 425, 429, 499, 502, 503, 504})
"""Statuses after which the same call may succeed."""

Extra = Mapping[str, Mapping[str, object]]
Judge = Callable[["Failure"], Exception]
"""Says what an answer means that is no success."""


@dataclass(frozen=True)
class Failure:
    """An answer with a status of 300 or more: what was asked for, and what the server says about it in short."""

    url: str
    path: str
    status: int
    said: str
    location: str = ""


class Wire(httpx.AsyncBaseTransport):
    """The transport of every client of a plugin.

    The time limit for reading holds for the whole answer, not for the gap between two pieces of it. `extra` is, by the
    end of a path, what is added to the JSON that is posted there. `key` is sent as a bearer token, and no other, since
    clients bring along keys of the environment that may be meant for others. Redirects are refused: they would send
    log text to whoever they name.
    """

    def __init__(self, url: str, key: str, judge: Judge, extra: Extra = MappingProxyType({})) -> None:
        self._url = url
        self._key = key
        self._judge = judge
        self._extra = extra
        self._proxy = proxy_for(url)
        self._inner = _transport(self._proxy)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The whole answer, which is JSON. A body that is given piece by piece is sent so, and read only once.

        Raises:
            ModelUnavailable, ModelRefused
        """
        limit = request.extensions.get("timeout", {}).get("read")
        try:
            async with asyncio.timeout(limit):
                return await self._exchange(self._amended(request))
        except httpx.ConnectTimeout as error:
            raise ModelUnavailable(f"{self._where()} does not answer: no connection in time") from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise ModelUnavailable(f"{self._where()} had not answered after {limit:g} s") from error
        except httpx.TransportError as error:
            raise ModelUnavailable(f"{self._where()} does not answer: {reason(error)}") from error

    async def aclose(self) -> None:
        """Close all connections."""
        await self._inner.aclose()

    async def _exchange(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        try:
            content = await self._content(response)
        finally:
            await response.aclose()
        if response.status_code >= 300:
            raise self._judge(self._failure(request, response, content))
        if request.extensions.get(BARE) and not content:
            content = b"{}"
        else:
            self._check(response, content)
        return httpx.Response(response.status_code, headers={"content-type": "application/json"}, content=content)

    async def _content(self, response: httpx.Response) -> bytes:
        content = bytearray()
        async for part in response.aiter_raw():
            content += part
            if len(content) > LIMIT:
                raise ModelUnavailable(f"{self._where()} answers without end: more than {LIMIT >> 20} MiB")
        return bytes(content)

    def _check(self, response: httpx.Response, content: bytes) -> None:
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if "json" not in kind:
            what = f"{kind or 'nothing of a known type'} instead of JSON: is this the right address?"
            raise ModelUnavailable(f"{self._where()} answers with {what}")
        try:
            answer = json.loads(content)
        except (ValueError, RecursionError) as error:
            what = "an empty answer" if not content else "a broken answer"
            raise ModelUnavailable(f"{self._where()} sent {what}") from error
        if not isinstance(answer, dict):
            raise ModelUnavailable(f"{self._where()} sent a broken answer: it is no object")

    def _failure(self, request: httpx.Request, response: httpx.Response, content: bytes) -> Failure:
        location = response.headers.get("location", "")
        return Failure(self._where(), request.url.path, response.status_code, said(content), shown(location)[:SAID])

    def _amended(self, request: httpx.Request) -> httpx.Request:
        # httpx would unpack a compressed answer, to whatever size that grows.
        headers = {**request.headers, "accept-encoding": "identity"}
        if headers.get("authorization", "").lower().startswith("bearer"):
            del headers["authorization"]
        if self._key:
            headers["authorization"] = f"Bearer {self._key}"
        rebuilt = partial(httpx.Request, request.method, request.url, headers=headers, extensions=request.extensions)
        if not isinstance(request.stream, httpx.ByteStream):
            return rebuilt(stream=request.stream)
        content = request.content
        extra = next((each for path, each in self._extra.items() if request.url.path.endswith(path)), None)
        if extra and content:
            content = json.dumps({**json.loads(content), **extra}, ensure_ascii=False).encode()
        headers.pop("content-length", None)
        headers.pop("transfer-encoding", None)
        return rebuilt(content=content or None)

    def _where(self) -> str:
        return shown(self._url) + (f" (through the proxy {shown(self._proxy)})" if self._proxy else "")


def client(wire: Wire, url: str, connect: float) -> httpx.AsyncClient:
    """A client whose calls each bring their own time limit for reading, in seconds."""
    timeout = httpx.Timeout(None, connect=connect)
    return httpx.AsyncClient(base_url=url, transport=wire, timeout=timeout, trust_env=False)


def sendable(text: str) -> str:
    """The text without halves of surrogate pairs, which no client can encode."""
    return text.encode("utf-8", "replace").decode()


def limits(read: float, connect: float) -> httpx.Timeout:
    """Time limits in seconds: for a whole answer, and for the connection."""
    return httpx.Timeout(read, connect=connect)


def refusal(failure: Failure) -> Exception:
    """What a status means with every server."""
    said = f": {failure.said}" if failure.said else ""
    if failure.status in AGAIN:
        return ModelUnavailable(f"{failure.url} is busy or away (status {failure.status}){said}")
    if failure.status < 400:
        where = f" to {failure.location}" if failure.location else ""
        return ModelRefused(f"{failure.url} redirects{where}; configure the address that answers itself")
    if failure.status in (401, 403):
        return ModelRefused(f"{failure.url} demands another key (status {failure.status}){said}; correct api_key")
    return ModelRefused(f"{failure.url} refuses (status {failure.status}){said}")


def said(content: bytes) -> str:
    """What a server says about an error, on one line of at most SAID characters; "" if it is no JSON."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    text = _message(answer)
    return " ".join(text.split())[:SAID] if isinstance(text, str) else ""


def _message(answer: object) -> object:
    while isinstance(answer, dict):
        answer = next((answer[key] for key in ("error", "message", "detail") if key in answer), None)
    return answer


def reason(error: BaseException) -> str:
    """Why a connection failed, in the words of the operating system where it has some."""
    cause: BaseException | None = error
    while cause is not None:
        found = cause.exceptions[0] if isinstance(cause, BaseExceptionGroup) else cause
        if isinstance(found, OSError) and found.strerror:
            return _system_words(found)
        cause = found.__cause__ or found.__context__
    return " ".join(str(error).split()) or type(error).__name__


def _system_words(error: OSError) -> str:
    known = error.errno is not None and error.errno in errno.errorcode
    return (os.strerror(error.errno or 0) if known else str(error.strerror)).lower()


def _transport(proxy: str | None) -> httpx.AsyncHTTPTransport:
    try:
        return httpx.AsyncHTTPTransport(proxy=proxy)
    except (ValueError, ImportError) as error:
        what = f"the proxy of the environment, {shown(proxy or '')}, cannot be used: {error}"
        raise ModelRefused(f"{what}; correct it, or name the server in NO_PROXY") from error
