"""Pages out of templates."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import cache, partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from litestar import Request, Response

from sllm_core.web.dashboard.preferences import LANGUAGES, THEMES, preferences
from sllm_core.web.dashboard.words import counted, words
from sllm_core.web.scopes import SCOPES, client_name, may
from sllm_core.web.service import Service

if TYPE_CHECKING:
    from jinja2 import Environment

    from sllm_core.web.dashboard.static import StaticFiles

NAVIGATION = (
    ("now", "/"),
    ("timeline", "/timeline"),
    ("kinds", "/kinds"),
    ("summaries", "/summaries"),
    ("models", "/models-and-tuning"),
    ("try", "/try"),
)
"""The pages that every page leads to, by the names of their texts and pictures."""

MEDIA_TYPE = "text/html; charset=utf-8"


async def page(request: Request[Any, Any, Any], name: str, **values: object) -> Response[Any]:
    """The page that a template makes of these values and of what all pages have (`frame` says what that is).

    All that is not marked safe is escaped, and a template that uses a value that is not there is a mistake (500).
    """
    around = frame(request)
    text = await asyncio.to_thread(environment().get_template(name).render, around | values)
    headers = {"Content-Language": around["language"], "Vary": "Accept-Language, Cookie"}
    return Response(text, media_type=MEDIA_TYPE, headers=headers)


def frame(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """What all templates have: texts (`t`), who asks and what they may do, and addresses (`url`, `here`)."""
    from sllm_core.web.dashboard.entry import token_of

    service: Service = request.app.state["service"]
    chosen = preferences(request, service.settings.language)
    files: StaticFiles = request.app.state["static"]
    path = request.scope["path"]
    return {
        "t": words(chosen.language),
        "language": chosen.language,
        "theme": chosen.theme,
        "keys": chosen.keys,
        "zone": ZoneInfo(service.settings.timezone),
        "zone_name": service.settings.timezone,
        "state": service.state,
        "version": version("sllm"),
        "navigation": NAVIGATION,
        "place": path,
        "client": client_name(request),
        "scopes": [each for each in SCOPES if may(request, each)],
        "token": partial(token_of, request),
        "url": files.url,
        "here": partial(_here, path, request.query_params.dict()),
        "languages": LANGUAGES,
        "themes": THEMES,
    }


def language_of(request: Request[Any, Any, Any]) -> str:
    """The language in which a request is answered."""
    service: Service = request.app.state["service"]
    return preferences(request, service.settings.language).language


@cache
def environment() -> Environment:
    """Reads the templates of this folder; what they are given is text, never markup."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from sllm_core.web.dashboard import formats, gate_text

    made = Environment(
        loader=PackageLoader("sllm_core.web", "dashboard"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(formats.FILTERS)
    made.globals["counted"] = counted
    made.globals["gate_text"] = gate_text
    return made


def _here(path: str, query: Mapping[str, list[str]], **changes: object) -> str:
    """The address of this page with other values in its query; None takes one away."""
    kept = {
        name: values for name, values in query.items() if name not in changes and name not in ("lang", "theme", "keys")
    }
    chosen = {name: [str(value)] for name, value in changes.items() if value not in (None, "")}
    text = urlencode({**kept, **chosen}, doseq=True)
    return f"{path}?{text}" if text else path
