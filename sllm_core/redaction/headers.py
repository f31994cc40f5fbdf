"""Credentials in headers of HTTP, however a program writes them down: Authorization, Cookie, Set-Cookie; and alone."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from functools import cache

from sllm_core.redaction.key_names import Demand
from sllm_core.redaction.plausible import is_secret
from sllm_core.redaction.sight import Sight
from sllm_core.redaction.spans import Span
from sllm_core.redaction.vocabulary import word_set

_ANY = Demand("token", "credential")
_COOKIE = Demand("cookie", "credential")
_PLAIN = frozenset({"basic", "bearer", "negotiate", "ntlm"})
"""Schemes whose credential is one word."""
_SHORTEST = 8


def header_secrets(sight: Sight) -> Iterator[Span]:
    """What stands in headers that authorise, and behind `Bearer` and `Basic` anywhere."""
    folded, text = sight.folded, sight.text
    if "authori" in folded:
        for found in _authorization().finditer(text):
            yield from _authorised(text, found)
    if "bearer" in folded:
        yield from (Span(*found.span(1), "token") for found in _bearer().finditer(text) if _is_token(found[1]))
    if "basic" in folded or "plain" in folded or "login" in folded:
        yield from (Span(*found.span(1), "password") for found in _basic().finditer(text) if _is_login(found[1]))
    if "cookie" in folded:
        yield from _cookies(text)


def _authorised(text: str, found: re.Match[str]) -> Iterator[Span]:
    scheme, start = (found["scheme"] or "").lower(), found.start("credential")
    if scheme not in _PLAIN and (proofs := list(_parameter().finditer(text, start, start + 2000))):
        yield from (Span(*each.span(1), "key") for each in proofs)
    elif not found["credential"].rstrip("=").isalpha() or scheme in _PLAIN:
        yield from _credential(found, scheme)


def _credential(found: re.Match[str], scheme: str) -> Iterator[Span]:
    credential = found["credential"]
    if is_secret(credential, _ANY, quoted=False, spoken=True) and (scheme or _is_token(credential)):
        kind = "password" if scheme == "basic" else "key" if "key" in scheme or "kakao" in scheme else "token"
        yield Span(*found.span("credential"), kind)


def _cookies(text: str) -> Iterator[Span]:
    position = 0
    while (found := _cookie().search(text, position)) is not None:
        position = found.end()
        alone = _alone().match(text, position)
        if alone is not None and _is_token(alone[1]):
            yield Span(*alone.span(1), "cookie")
        else:
            for pair in _pairs(text, position):
                position = pair.end()
                yield from _cookie_value(pair)


def _pairs(text: str, position: int) -> Iterator[re.Match[str]]:
    """The cookies and attributes that begin there."""
    while (pair := _pair().match(text, position)) is not None:
        position = pair.end()
        yield pair
        if not pair["more"]:
            return


def _cookie_value(pair: re.Match[str]) -> Iterator[Span]:
    """The value of a cookie that says who somebody is; what attributes say is none."""
    name, value = pair["name"].lower(), pair["value"]
    random = (
        value and name not in word_set("cookies", "attributes") and (_is_token(value) or _identifying().search(name))
    )
    if random and is_secret(value, _COOKIE, quoted=True, spoken=False):
        yield Span(*pair.span("value"), "cookie")


def _is_token(value: str) -> bool:
    """Whether it can be no word: it has digits or is very long, and is no name of a thing."""
    return len(value) >= _SHORTEST and (any(map(str.isdigit, value)) or len(value) >= 24) and ":" not in value[:6]


def _is_login(text: str) -> bool:
    """Whether it is base64 of `user:password`, or of the same between NUL bytes as SASL has it."""
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return False
    return (":" in plain or "\0" in plain) and plain.replace("\0", "").isprintable()


@cache
def _authorization() -> re.Pattern[str]:
    schemes = (
        r"bearer|basic|token|api-?key|negotiate|ntlm|digest|aws4-hmac-sha256|kakaoak|googlelogin|splunk|ssws|key|hawk|"
        r"oauth|jwt|mac|discogs|sharedaccesssignature|sharedkey(?:lite)?|private-token|genie-?key|bot"
    )
    return re.compile(
        rf"(?<![A-Za-z])authori[sz]ation\\*+[\"'`]?\]?\s{{0,3}}(?:=>|[:=,])\s{{0,3}}[\[({{]{{0,2}}\s?(?:b(?=['\"]))?\\*+[\"'`]?"
        rf"(?>(?:(?P<scheme>{schemes})(?:\s{{1,3}}|%20|\+))?)(?P<credential>[^\s\"'`,;\\\]\)}}<>]++)",
        re.IGNORECASE,
    )


@cache
def _parameter() -> re.Pattern[str]:
    """The parameters of a scheme that prove something."""
    names = r"response|signature|sig|oauth_signature|oauth_token|token|mac|credential|auth"
    return re.compile(rf"(?<![\w-])(?:{names})=\\*+\"?([^\s\"',;\\&/]{{4,}}+)", re.IGNORECASE)


@cache
def _bearer() -> re.Pattern[str]:
    return re.compile(r"(?<![A-Za-z])bearer(?:\s{1,3}|%20|\+|:\s?|=)([A-Za-z0-9._~+/-]{8,}+=*+)", re.IGNORECASE)


@cache
def _basic() -> re.Pattern[str]:
    return re.compile(
        r"(?<![A-Za-z])(?:basic|plain|login)(?:\s{1,3}|%20|\+|:\s?)([A-Za-z0-9+/]{8,4096}+={0,2})", re.IGNORECASE
    )


@cache
def _cookie() -> re.Pattern[str]:
    return re.compile(
        r"(?<![A-Za-z])(?:set-)?cookie2?\\*+[\"'`]?\]?\s{0,3}(?:=>|[:=,])\s{0,3}[\[({]{0,2}\s?\\*+[\"'`]?(?=[^\s\"'])",
        re.IGNORECASE,
    )


@cache
def _pair() -> re.Pattern[str]:
    """A cookie or an attribute, and whether another one comes."""
    name, value = r"[^\s=;,\"'\\:]{1,100}+", r"[^;\s\"'\\\]}]*+"
    return re.compile(rf"\s{{0,3}}(?P<name>{name})(?:=\"?(?P<value>{value})\"?)?(?P<more>;|['\"]?,\s?['\"])?")


@cache
def _identifying() -> re.Pattern[str]:
    """In the name of a cookie: that it says who somebody is."""
    return re.compile(r"sess|sid|auth|token|login|remember|csrf|user|jwt|(?:^|[_.-])id$")


@cache
def _alone() -> re.Pattern[str]:
    return re.compile(r"([A-Za-z0-9_.%+/-]{16,}+=*+)(?=[\s\"'\\,}\]]|$)")
