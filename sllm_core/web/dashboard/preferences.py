"""How somebody wants to see the pages, by the address, a cookie, the browser or the settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from litestar import Request

LANGUAGES = ("en", "ko")
THEMES = ("auto", "light", "dark")
KEYS = ("on", "off")
LASTS = 365 * 86_400
"""Seconds that a browser keeps a choice."""


@dataclass(frozen=True)
class Preferences:
    """The language of the page, whether it is light, dark or as the browser says, and whether keys are shortcuts."""

    language: str
    theme: str
    keys: str


def preferences(request: Request[Any, Any, Any], default: str) -> Preferences:
    """What holds for a request; what its address chooses (`?lang=`, `?theme=`, `?keys=`) the browser keeps."""
    spoken = _chosen(request, "lang", LANGUAGES) or accepted(request.headers.get("accept-language", "")) or default
    theme, keys = (_chosen(request, name, each) or each[0] for name, each in (("theme", THEMES), ("keys", KEYS)))
    return Preferences(spoken, theme, keys)


def _chosen(request: Request[Any, Any, Any], name: str, allowed: tuple[str, ...]) -> str | None:
    """From the address, else from the cookie; of neither anything that is not allowed."""
    if (asked := request.query_params.get(name)) in allowed:
        cookie = f"sllm-{name}={asked}; Path=/; Max-Age={LASTS}; HttpOnly; SameSite=Lax"
        request.scope["state"].setdefault("set_cookies", []).append(cookie.encode())
        return str(asked)
    kept = request.cookies.get(f"sllm-{name}")
    return kept if kept in allowed else None


def accepted(header: str) -> str | None:
    """The language that the browser likes most of those that there are; None where it names none of them."""
    ranked = sorted((_weight(part), -place, part) for place, part in enumerate(header[:500].split(",")))
    names = (part.split(";")[0].strip().lower().split("-")[0] for weight, _, part in reversed(ranked) if weight > 0)
    return next((each for each in names if each in LANGUAGES), None)


def _weight(part: str) -> float:
    try:
        return float(part.split("q=")[1]) if "q=" in part else 1.0
    except ValueError:
        return 0.0
