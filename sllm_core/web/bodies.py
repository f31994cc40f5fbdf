"""Bodies of requests: unpacked, within limits of size and time."""

from __future__ import annotations

import asyncio
import zlib
from typing import Any

from litestar import Request

from sllm_core.settings.sections import ServiceSection
from sllm_core.web.problems import Problem

_PACKED = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""The encodings that are unpacked, and what zlib calls them."""


LINGER = 64 << 20
"""So many bytes beyond what a body may have are taken and dropped: a client that is cut off while it sends would not
see why."""


async def read_body(request: Request[Any, Any, Any], section: ServiceSection) -> bytes:
    """The whole body, unpacked.

    Raises:
        Problem: it is too large, comes too slowly, or is packed otherwise than it says.
    """
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "", *_PACKED):
        known = ", ".join((*_PACKED, "identity"))
        raise Problem(415, f"Content-Encoding: only {known}", headers={"Accept-Encoding": known})
    try:
        async with asyncio.timeout(section.body_timeout.total_seconds()):
            body = await _received(request, section.max_body)
    except TimeoutError:
        late = f"the body did not come within {section.body_timeout.total_seconds():g} s"
        raise Problem(408, late, headers={"Connection": "close"}) from None
    if encoding in _PACKED:
        return await asyncio.to_thread(_unpacked, body, _PACKED[encoding], section.max_body)
    return body


async def _received(request: Request[Any, Any, Any], limit: int) -> bytes:
    if int(request.headers.get("content-length", 0)) > limit and "expect" in request.headers:
        raise _too_large(limit)  # the client asks before it sends
    parts, size, more = [], 0, True
    while more:
        event: Any = await request.receive()
        if event["type"] == "http.disconnect":
            raise Problem(400, "the client has gone before its body was whole")
        size += len(event.get("body", b""))
        if size <= limit:
            parts.append(event.get("body", b""))
        if size > limit + LINGER:
            raise _too_large(limit)
        more = event.get("more_body", False)
    if size > limit:
        raise _too_large(limit)
    return b"".join(parts)


def _unpacked(body: bytes, kind: int, limit: int) -> bytes:
    """What was packed, but never more of it than may be: a few bytes can be packed that are gigabytes."""
    try:
        unpacker = zlib.decompressobj(kind)
        found = unpacker.decompress(body, limit + 1)
    except zlib.error as error:
        raise Problem(400, f"the body cannot be unpacked: {error}") from error
    if len(found) > limit:
        raise _too_large(limit)
    if not unpacker.eof or unpacker.unused_data:
        raise Problem(400, "the body is not one whole packed text")
    return found


def _too_large(limit: int) -> Problem:
    detail = f"a body has at most {limit} bytes ([service] max_body); send several"
    return Problem(413, detail, headers={"Connection": "close"})
