"""Passwords in addresses: `scheme://user:password@host`, also percent-encoded, and such addresses without a scheme."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from sllm_core.redaction.key_names import Demand
from sllm_core.redaction.plausible import is_secret
from sllm_core.redaction.sight import Sight
from sllm_core.redaction.spans import Span

_PASSWORD = Demand("password", "any")


def url_secrets(sight: Sight) -> Iterator[Span]:
    """The passwords, and the tokens that stand alone before the host."""
    folded, text = sight.folded, sight.text
    if "@" not in folded and "%40" not in folded:
        return
    if "://" in folded:
        yield from _with_scheme(text)
    if "%40" in folded and "%3a%2f%2f" in folded:
        yield from _passwords(text, _encoded())
    yield from _passwords(text, _without_scheme())


def _with_scheme(text: str) -> Iterator[Span]:
    for found in _address().finditer(text):
        login = _login(found[1])
        user, colon, password = login.partition(":")
        start, end = found.start(1), found.start(1) + len(login)
        if colon and is_secret(password, _PASSWORD, quoted=True, spoken=False):
            yield Span(start + len(user) + 1, end, _PASSWORD.kind)
        elif not colon and len(user) >= 20 and any(map(str.isdigit, user)):
            yield Span(start, end, "token")


def _login(address: str) -> str:
    """What stands before the host, or nothing: up to the last @ before a slash.

    A password may hold slashes too, if what stands before them can be no port, as it is in `host:80/@user`.
    """
    authority = _path().split(address, maxsplit=1)[0]
    if "@" in authority:
        return authority.rpartition("@")[0]
    user, colon, rest = authority.partition(":")
    if not colon or rest.isdigit() or user.startswith("["):
        return ""
    return address.partition("@")[0] if "@" in address else ""


def _passwords(text: str, expression: re.Pattern[str]) -> Iterator[Span]:
    for found in expression.finditer(text):
        name = found.lastgroup or "password"
        if is_secret(found[name], _PASSWORD, quoted=True, spoken=False):
            yield Span(*found.span(name), _PASSWORD.kind)


@cache
def _address() -> re.Pattern[str]:
    return re.compile(r"://((?:(?!://)[^\s\"'<>`|\\]){1,2048}+)")


@cache
def _path() -> re.Pattern[str]:
    return re.compile(r"[/?#]")


@cache
def _encoded() -> re.Pattern[str]:
    return re.compile(r"%3A%2F%2F[\w.~-]{0,64}?%3A(?P<password>(?:(?!%40|%2F)[^\s&\"'@]){1,200}+)%40", re.IGNORECASE)


@cache
def _without_scheme() -> re.Pattern[str]:
    """`user:password@tcp(host)` of Go, `thin:user/password@` of Oracle, `user:password@host:port`."""
    go = r"(?<![\w.])[\w.-]{1,64}:(?P<go>[^\s\"']{1,100}?)@(?:tcp|udp|unix)\("
    oracle = r"(?:thin|oci):[\w.$-]{1,64}/(?P<oracle>[^\s@\"']{1,100}+)@"
    sqlplus = r"sqlplus\s(?:-\w+\s){0,3}[\w.$-]{1,64}/(?P<sqlplus>[^\s@\"']{1,100}+)@"
    others = r"(?!(?:sips?|mailto|xmpp|acct|tel|im|urn):)"
    password = r"(?=[^@]{0,99}[\d!#$%^&*~])[^\s@:/\"',;()<>]{3,100}+"
    bare = rf"(?<![\w.:/@-]){others}[\w.-]{{1,64}}:(?P<bare>{password})@[\w.-]{{1,253}}+(?::\d{{2,5}}|/)"
    return re.compile(f"{go}|{oracle}|{sqlplus}|{bare}", re.IGNORECASE)
