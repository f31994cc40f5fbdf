"""How browsers are let in: by their session, and with forms that are really ours."""

from __future__ import annotations

from functools import partial
from typing import Any, cast
from urllib.parse import quote

from litestar import Request
from litestar.handlers import BaseRouteHandler

from sllm_core.web.dashboard.forms import check_token, read_form
from sllm_core.web.dashboard.session import LASTS, Session, Sessions, is_id, new_id
from sllm_core.web.gate import Gate
from sllm_core.web.problems import Problem
from sllm_core.web.scopes import Connection
from sllm_core.web.service import Service

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
VISITS = 365 * 86_400
"""Seconds that a browser without a session is known: a page that stays open for days may still send its forms."""

HOST = "__Host-"
"""A browser takes a cookie of a name that begins so from this very host only, and over TLS."""


class SignInNeeded(Problem):
    """A page is for those who are signed in."""

    def __init__(self) -> None:
        super().__init__(401, "sign in first")


async def enter(connection: Connection, handler: BaseRouteHandler) -> None:
    """Let a browser do what the key of its session may; what it changes needs the token of its own forms.

    A session counts here alone: for pages, their forms and streams of events. To all other resources a cookie is
    nothing, so no other site can use them through the browser of somebody who is signed in.

    Raises:
        SignInNeeded: it has no session.
        Problem: the form is none of ours, or the key was used too often.
    """
    state, page = connection.scope["state"], handler.opt["browser"] == "page"
    if page:
        state["page"] = True
    if not state.get("scopes"):
        _recognise(connection)
    if not page:
        return
    if not handler.opt.get("open") and not state.get("scopes"):
        raise SignInNeeded
    if connection.scope.get("method") not in SAFE:
        request = cast("Request[Any, Any, Any]", connection)
        state["form"] = form = await read_form(request)
        check_token(request, form, visitor_id(connection))


def session_of(connection: Connection) -> Session | None:
    """The session of a browser, whose key need not hold any more."""
    sessions: Sessions = connection.app.state["sessions"]
    return sessions.read(_cookie(connection, sessions.cookie))


def visitor_id(connection: Connection) -> str:
    """What forms are bound to: the id of the session, else one that the browser is given with the answer."""
    if (session := session_of(connection)) is not None:
        return session.id
    sessions: Sessions = connection.app.state["sessions"]
    known = connection.scope["state"].get("visitor") or _cookie(connection, sessions.visitor)
    if not is_id(known):
        known = new_id()
        set_cookie(connection, sessions.visitor, known, site="Lax", lasts=VISITS)  # also after a link from elsewhere
    connection.scope["state"]["visitor"] = known
    return str(known)


def token_of(connection: Connection) -> str:
    """What a form on the page has as `token`."""
    sessions: Sessions = connection.app.state["sessions"]
    return sessions.token(visitor_id(connection))


def set_cookie(connection: Connection, name: str, value: str, *, site: str = "Strict", lasts: int = LASTS) -> None:
    """Give the browser a cookie with the answer, which no script can read; one that lasts no time goes."""
    safe = is_over_tls(connection)
    parts = [f"{HOST if safe else ''}{name}={value}", "Path=/", f"Max-Age={lasts}", "HttpOnly", f"SameSite={site}"]
    text = "; ".join([*parts, *(["Secure"] if safe else [])])
    connection.scope["state"].setdefault("set_cookies", []).append(text.encode())


def sign_in_path(connection: Connection) -> str:
    """Where to sign in, to go on with what was asked for, or with the page whose form was sent."""
    scope, query = connection.scope, connection.scope.get("query_string", b"").decode("latin-1")
    wanted = f"{scope['path']}?{query}" if query else str(scope["path"])
    if scope.get("method") not in SAFE:
        host, _, path = connection.headers.get("referer", "").partition("://")[2].partition("/")
        wanted = f"/{path}" if host == connection.headers.get("host") else "/"
    return "/sign-in" if wanted == "/" else f"/sign-in?next={quote(wanted, safe='/')}"


def own_address(connection: Connection) -> str:
    """What the browser calls the service: https://logs.example.com."""
    scheme = "https" if is_over_tls(connection) else "http"
    return f"{scheme}://{connection.headers.get('host', 'localhost')}"


def is_over_tls(connection: Connection) -> bool:
    """Whether the browser speaks TLS: to us, or to a proxy before us that is trusted to say so."""
    service: Service = connection.app.state["service"]
    if connection.scope["scheme"] == "https":
        return True
    told = connection.headers.get("x-forwarded-proto", "").split(",")[-1].strip().lower()
    return service.settings.service.forwarded and told == "https"


def _recognise(connection: Connection) -> None:
    """The scopes of the key of the session, if there is one that holds."""
    state, session = connection.scope["state"], session_of(connection)
    gate: Gate | None = state.get("gate")
    key = gate.find(session.digest) if gate is not None and session is not None else None
    if gate is None or session is None or key is None:
        return
    gate.take(key)
    sessions: Sessions = connection.app.state["sessions"]
    state["key"], state["scopes"] = key, key.scopes
    state["holds"] = partial(_both_hold, gate, sessions, session)


def _both_hold(gate: Gate, sessions: Sessions, session: Session) -> bool:
    return sessions.holds(session) and gate.find(session.digest) is not None


def _cookie(connection: Connection, name: str) -> str:
    """A cookie of that name; over TLS only such as this very host has set."""
    wanted = f"{HOST}{name}" if is_over_tls(connection) else name
    pairs = (each.strip().partition("=") for each in connection.headers.get("cookie", "").split(";"))
    return next((value for found, _, value in pairs if found == wanted), "")
