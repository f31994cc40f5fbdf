"""Addresses of machines: IPv4, IPv6 and MAC. They are looked for only where the configuration asks for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from ipaddress import IPv6Address

from sllm_core.redaction.sight import Sight
from sllm_core.redaction.spans import Span


def client_addresses(sight: Sight) -> Iterator[Span]:
    """The addresses in a text, without ports and prefix lengths."""
    yield from (Span(*found.span(), "address") for found in _ipv4().finditer(sight.text))
    yield from (Span(*found.span(), "address") for found in _mac().finditer(sight.text))
    for found in _ipv6().finditer(sight.text):
        if _is_ipv6(found[0]):
            yield Span(*found.span(), "address")


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return text.count(":") > 2 or len(text) > 2


@cache
def _ipv4() -> re.Pattern[str]:
    byte = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
    return re.compile(rf"(?<![\w.]){byte}(?:\.{byte}){{3}}(?!\w|\.\d)")


@cache
def _mac() -> re.Pattern[str]:
    return re.compile(r"(?<![\w:-])[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![\w:-])")


@cache
def _ipv6() -> re.Pattern[str]:
    return re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{0,4}|\d{1,3}(?:\.\d{1,3}){3})(?![\w:])")
