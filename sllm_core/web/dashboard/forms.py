"""What forms send: read within limits, and only from forms of our own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from litestar import Request

from sllm_core.web.bodies import read_body
from sllm_core.web.dashboard.session import Sessions
from sllm_core.web.problems import Problem, wrong
from sllm_core.web.service import Service

TOKEN, HEADER = "token", "X-CSRF-Token"
"""Where the token of a form stands: in a field of that name, or in a header where a script sends it."""

FIELDS = 200
URLENCODED = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Form:
    """What was entered, by field."""

    values: Mapping[str, list[str]]

    def text(self, name: str, otherwise: str = "") -> str:
        """The text of a field, as the browser sent it but with plain ends of lines."""
        return self.values.get(name, [otherwise])[0].replace("\r\n", "\n")

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts of a field that may be there several times."""
        return tuple(self.values.get(name, ()))


async def read_form(request: Request[Any, Any, Any]) -> Form:
    """The form of a request.

    Raises:
        Problem: it is too large, too slow, or no form.
    """
    service: Service = request.app.state["service"]
    if request.content_type[0] not in (URLENCODED, ""):
        raise Problem(415, f"send {URLENCODED}, as forms do")
    body = await read_body(request, service.settings.service)
    try:
        return Form(parse_qs(body.decode(), keep_blank_values=True, max_num_fields=FIELDS, errors="replace"))
    except ValueError as error:  # UnicodeDecodeError too
        raise wrong("body", f"is no form: {FIELDS} fields at most, in UTF-8") from error


def check_token(request: Request[Any, Any, Any], form: Form, id: str) -> None:
    """See that a form was made for the session or visitor that sends it.

    Raises:
        Problem: it was not, or for an earlier session.
    """
    sessions: Sessions = request.app.state["sessions"]
    given = request.headers.get(HEADER) or form.text(TOKEN)
    if not sessions.is_token(id, given):
        raise Problem(403, "the form is not one of this session, or of an earlier one: open the page again and repeat")


def form_of(request: Request[Any, Any, Any]) -> Form:
    """What was sent with a request to a page that changes something; its token has been checked."""
    form: Form = request.scope["state"]["form"]
    return form
