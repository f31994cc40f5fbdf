"""E-mail addresses; not what looks like one: units of systemd, objects of Java, repositories, files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from sllm_core.redaction.sight import Sight
from sllm_core.redaction.spans import Span
from sllm_core.redaction.vocabulary import word_set

LONGEST = 254
_LOCAL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.!#$%&*+-/?^_`{|}~'"
_ENDS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-"
_ALGORITHMS = ("openssh.com", "libssh.org", "liboqs.org")
"""Domains of names that SSH gives to its algorithms: `aes256-gcm@openssh.com`."""
_REMOTES = frozenset({"git", "hg", "svn"})
"""Users of repositories: `git@github.com:acme/shop.git`."""
_NO_ADDRESS = ("message-id=<", "message-id: <", "msgid=<", "references: <", "in-reply-to: <")


def email_addresses(sight: Sight) -> Iterator[Span]:
    """The e-mail addresses in a text."""
    text = sight.text
    if "@" not in text and "%40" not in text:
        return
    for found in _at().finditer(text):
        start = _local_start(text, found.start())
        local = text[start : found.start()]
        domain, end = found["domain"], found.end()
        if not local or not _is_domain(domain) or (local in _REMOTES and text[end : end + 1] in (":", "/", "")):
            continue
        before = text[max(0, start - 14) : start].lower()
        if not before.endswith(_NO_ADDRESS) and not _is_host(text, start, end):
            yield Span(start, end, "email")


def _local_start(text: str, end: int) -> int:
    """Where the part before the @ begins: in letters of the address itself, or of one other script."""
    floor = max(0, end - LONGEST)
    part = text[floor:end]
    local = part[len(part.rstrip(_LOCAL)) :]
    if not local:
        word = _letters().search(part)
        return floor + word.start() if word else end
    if "%" in local and (encoded := _encoded().findall(local)):
        local = local[local.rindex(encoded[-1]) + 3 :]
    for sign in "/&?|{`":
        local = local.rpartition(sign)[2]
    return end - len(local.lstrip(".!#$%^*~'-="))


def _is_domain(text: str) -> bool:
    return not text.endswith(_ALGORITHMS) and text.rpartition(".")[2].lower() not in word_set("addresses", "no_domains")


def _is_host(text: str, start: int, end: int) -> bool:
    """Whether the domain is the host of a URL, before which a user and a password stand."""
    return bool(_user().search(text, max(0, start - 100), start)) and not _more().match(text, end)


@cache
def _user() -> re.Pattern[str]:
    return re.compile(r"(?::|%3A)(?:/|%2F){2}[^\s/]{0,90}\Z", re.IGNORECASE)


@cache
def _more() -> re.Pattern[str]:
    return re.compile(r"[^\s/?#\"'@]{0,200}+@")


@cache
def _at() -> re.Pattern[str]:
    label = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    latin = rf"(?:{label}\.){{1,8}}(?:[A-Za-z]{{2,24}}|xn--[A-Za-z0-9-]{{2,59}})"
    korean = r"(?:[\w-]{1,63}\.){1,4}(?:한국|닷컴|닷넷|삼성)"
    return re.compile(rf"(?:@|%40)(?P<domain>{korean}|{latin}(?![A-Za-z0-9_-]))")


@cache
def _letters() -> re.Pattern[str]:
    return re.compile(r"[^\W\d_]{1,30}\Z")


@cache
def _encoded() -> re.Pattern[str]:
    """What ends another part of a query: an encoded = & ? / : , < or a quote or space."""
    return re.compile(r"%(?:3[dDaAcCfF]|2[026fFcC]|27|5[bB]|7[bB])")
