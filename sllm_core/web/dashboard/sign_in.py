"""`/sign-in` and `/sign-out`: an API key becomes a session of a browser."""

from __future__ import annotations

import logging
import re
from typing import Any

from litestar import Request, Response, get, post
from litestar.response import Redirect

from sllm_core.web.dashboard.attempts import Attempts
from sllm_core.web.dashboard.entry import session_of, set_cookie
from sllm_core.web.dashboard.forms import form_of
from sllm_core.web.dashboard.page import page
from sllm_core.web.dashboard.session import Sessions
from sllm_core.web.gate import LOCAL, Gate
from sllm_core.web.keys import digest_of
from sllm_core.web.problems import busy

LOCAL_PATH = re.compile(r"/(?!/|sign-(?:in|out)\b)[!-\[\]-~]*")
"""A path on this service: what a browser could take for another host, or for a line of its own, is none."""

LONGEST = 2000


def local_path(text: str) -> str:
    """A path to go on to, `/` in the place of what is none."""
    return text if len(text) <= LONGEST and LOCAL_PATH.fullmatch(text) else "/"


@get("/sign-in", opt={"open": True, "browser": "page"})
async def show(request: Request[Any, Any, Any]) -> Response[Any]:
    wanted = local_path(request.query_params.get("next", "/"))
    if request.scope["state"].get("scopes"):
        return Redirect(wanted, status_code=303)
    return await page(request, "sign_in.html", next=wanted, wrong="")


@post("/sign-in", opt={"open": True, "browser": "page"}, status_code=200)
async def sign_in(request: Request[Any, Any, Any]) -> Response[Any]:
    """Begin a new session, whatever the browser brought: nobody else can have chosen its cookie."""
    form, gate = form_of(request), _gate(request)
    wanted, digest = local_path(form.text("next", "/")), digest_of(form.text("key").strip())
    if gate.holds(LOCAL):
        return Redirect(wanted, status_code=303)
    if (key := gate.find(digest)) is None:
        _failed(request)
        answer = await page(request, "sign_in.html", next=wanted, wrong="key")
        answer.status_code = 401
        return answer
    gate.take(key)
    sessions: Sessions = request.app.state["sessions"]
    _, cookie = sessions.begin(digest)
    set_cookie(request, sessions.cookie, cookie)
    logging.getLogger("sllm.web").info("signed in", extra={"key": key.name, "address": _address(request)})
    return Redirect(wanted, status_code=303)


@post("/sign-out", opt={"open": True, "browser": "page"}, status_code=303)
async def sign_out(request: Request[Any, Any, Any]) -> Response[Any]:
    sessions: Sessions = request.app.state["sessions"]
    if (session := session_of(request)) is not None:
        sessions.end(session)
    set_cookie(request, sessions.cookie, "", lasts=0)
    return Redirect("/sign-in", status_code=303)


def _failed(request: Request[Any, Any, Any]) -> None:
    """Note an attempt with a key that is none.

    Raises:
        Problem: there were too many from this address.
    """
    attempts: Attempts = request.app.state["attempts"]
    address = _address(request)
    if seconds := attempts.fail(address):
        raise busy("too many keys that are none came from your address; try again later", seconds, 429)
    logging.getLogger("sllm.web").warning("sign-in with a key that is none", extra={"address": address})


def _address(request: Request[Any, Any, Any]) -> str:
    return request.client.host if request.client else ""


def _gate(request: Request[Any, Any, Any]) -> Gate:
    gate: Gate = request.scope["state"]["gate"]
    return gate


HANDLERS = [show, sign_in, sign_out]
