"""An HTTP server for faults that no real server shows on demand. What it was sent is in `received`."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

Reply = Callable[["Request", asyncio.StreamWriter], Awaitable[None]]
"""Writes the answer to a request; what it does not write never comes."""

PIECE = 1 << 16


@dataclass(frozen=True)
class Request:
    """One request, whole."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def data(self) -> dict[str, Any]:
        """The JSON of the body."""
        data: dict[str, Any] = json.loads(self.body or b"{}")
        return data


class FakeServer:
    """Answers each path as `routes` says, and everything else with status 404. It runs in a thread of its own."""

    def __init__(self, routes: Mapping[str, Reply]) -> None:
        self.routes = dict(routes)
        self.received: list[Request] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._open: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        start = asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(start, self._loop).result()
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self) -> None:
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            request = await _read(reader)
            self.received.append(request)
            await self.routes.get(request.path, json_reply({"error": "no such path"}, 404))(request, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self._open.discard(task)
            writer.close()


def json_reply(data: object, status: int = 200) -> Reply:
    """A whole answer."""
    return raw_reply(json.dumps(data).encode(), status, "application/json; charset=utf-8")


def raw_reply(content: bytes, status: int = 200, kind: str = "application/json", **headers: str) -> Reply:
    """A whole answer of any kind."""

    async def reply(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(_head(status, {"content-type": kind, "content-length": str(len(content)), **headers}) + content)

    return reply


def cut_reply(content: bytes) -> Reply:
    """The beginning of an answer; then the connection ends."""

    async def reply(_: Request, writer: asyncio.StreamWriter) -> None:
        headers = {"content-type": "application/json", "content-length": str(len(content) * 2)}
        writer.write(_head(200, headers) + content)

    return reply


async def no_reply(_: Request, writer: asyncio.StreamWriter) -> None:
    """The connection stays open, and nothing comes."""
    await asyncio.Event().wait()


async def endless_reply(_: Request, writer: asyncio.StreamWriter) -> None:
    """As much as the other side takes, and no end."""
    writer.write(_head(200, {"content-type": "application/json"}) + b'{"message": {"content": "')
    while True:
        writer.write(b"x" * PIECE)
        await writer.drain()


async def dribbling_reply(_: Request, writer: asyncio.StreamWriter) -> None:
    """A byte now and then, so that there is never a long gap, and no end."""
    writer.write(_head(200, {"content-type": "application/json"}) + b"{")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


async def reset_reply(_: Request, writer: asyncio.StreamWriter) -> None:
    """The connection is reset."""
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in head[1:]) if name}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path, headers, body)


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Status", *(f"{name}: {value}" for name, value in headers.items()), "connection: close"]
    return "\r\n".join([*lines, "", ""]).encode()
