"""What a client may do, by its API key."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Any, get_args

from litestar.config.app import AppConfig
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.plugins import InitPlugin

from sllm_core.settings.sections import KeyScope
from sllm_core.web.problems import Problem

READ: KeyScope = "read"
ANALYZE: KeyScope = "analyze"
ADMIN: KeyScope = "admin"
SCOPES: tuple[KeyScope, ...] = get_args(KeyScope)

Connection = ASGIConnection[Any, Any, Any, Any]


Enter = Callable[[Connection, BaseRouteHandler], Awaitable[None]]
"""Lets a browser in by its session; the dashboard keeps its own as `enter` in the state of the application."""


class ScopesPart(InitPlugin):
    """Lets a client do what its key allows: a handler says with `opt={"scope": ...}` what it takes, else it is `read`;
    those with `opt={"open": True}` are for everybody. Only those with `opt={"browser": "page"}`, and what pages read by
    GET with `opt={"browser": "events"}`, are for sessions of browsers too: to all others a cookie means nothing."""

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.guards.append(_guard)
        return app_config


def may(connection: Connection, scope: KeyScope) -> bool:
    """Whether the client's key has the scope."""
    held = connection.scope["state"].get("scopes", ())
    return scope in held or ADMIN in held


def client_name(connection: Connection) -> str:
    """The name of the client's API key, `local` where none is needed, "" where it brings none."""
    key = connection.scope["state"].get("key")
    return "" if key is None else str(key.name)


async def while_admitted(connection: Connection, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The stream, until the client's key is revoked or its session ends: that is seen whenever there is something to
    send."""
    holds: Callable[[], bool] = connection.scope["state"].get("holds", lambda: True)
    try:
        async for each in stream:
            if not holds():
                return
            yield each
    finally:
        if isinstance(stream, AsyncGenerator):
            await stream.aclose()


async def _guard(connection: Connection, handler: BaseRouteHandler) -> None:
    if "browser" in handler.opt:
        enter: Enter | None = connection.app.state.get("enter")
        if enter is not None:
            await enter(connection, handler)
    needed = handler.opt.get("scope", READ)
    if handler.opt.get("open") or may(connection, needed):
        return
    if not connection.scope["state"].get("scopes"):
        detail = "this needs an API key: send it as `Authorization: Bearer KEY` or `X-API-Key: KEY`"
        raise Problem(401, detail, headers={"WWW-Authenticate": 'Bearer realm="sllm"'})
    raise Problem(403, f"the key may not do this: it lacks the scope {needed}")
