"""What a client may do, by its API key."""

from __future__ import annotations

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


class ScopesPart(InitPlugin):
    """Lets a client do what its key allows: a handler says with `opt={"scope": ...}` what it takes, else it is `read`;
    those with `opt={"open": True}` are for everybody."""

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.guards.append(_guard)
        return app_config


def may(connection: Connection, scope: KeyScope) -> bool:
    """Whether the client's key has the scope."""
    held = connection.scope["state"].get("scopes", ())
    return scope in held or ADMIN in held


async def _guard(connection: Connection, handler: BaseRouteHandler) -> None:
    needed = handler.opt.get("scope", READ)
    if handler.opt.get("open") or may(connection, needed):
        return
    if not connection.scope["state"].get("scopes"):
        detail = "this needs an API key: send it as `Authorization: Bearer KEY` or `X-API-Key: KEY`"
        raise Problem(401, detail, headers={"WWW-Authenticate": 'Bearer realm="sllm"'})
    raise Problem(403, f"the key may not do this: it lacks the scope {needed}")
