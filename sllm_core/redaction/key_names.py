"""What the name of a value says about it: `db.password`, `X-Api-Key`, `refreshToken`, 비밀번호."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Literal

from sllm_core.redaction.vocabulary import word_set, words

Rule = Literal["any", "credential", "digits", "mixed", "weak", "long", "random", "dense"]
LONGEST = 100

_SCOPE = ["amz", "credential"]
"""An access key id and where it is good for; the id is known by its form."""

_WORDS: Mapping[str, tuple[str, Rule]] = MappingProxyType(
    {
        "pwd": ("password", "any"),
        "pw": ("password", "any"),
        "mdp": ("password", "any"),
        "psk": ("password", "any"),
        "pass": ("password", "weak"),
        "secret": ("key", "mixed"),
        "token": ("token", "mixed"),
        "토큰": ("token", "weak"),
        "credential": ("key", "weak"),
        "credentials": ("key", "weak"),
        "auth": ("token", "weak"),
        "pin": ("password", "digits"),
        "otp": ("password", "digits"),
        "totp": ("password", "digits"),
        "cvv": ("password", "digits"),
        "cvc": ("password", "digits"),
        "sig": ("key", "long"),
        "signature": ("key", "long"),
        "sid": ("cookie", "long"),
    }
)
"""What the last word of a name says."""

_ALONE: Mapping[str, tuple[str, Rule]] = MappingProxyType({"token": ("token", "weak"), "secret": ("key", "weak")})
_KOREAN_TAIL = re.compile(r"(?<=[가-힣])(?:확인|입력값|입력|값)$")
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\da-zA-Z_]+")


@dataclass(frozen=True)
class Demand:
    """A value under such a name is a secret of that kind if it fulfils the rule (see `plausible`)."""

    kind: str
    rule: Rule


@lru_cache(maxsize=8192)
def demand_of(name: str) -> Demand | None:
    """What a value under that name must be like to be a secret; None if it cannot be one.

    The name is split where its writing changes; the end of it decides: `token_count` is no token.
    """
    parts = _split(_KOREAN_TAIL.sub("", unicodedata.normalize("NFC", name[-LONGEST:])))
    if not parts or parts[-2:] == _SCOPE:
        return None
    joined, last = "".join(parts), parts[-1]
    for ends, kind, rule in _endings():
        if joined.endswith(ends):
            return Demand(kind, rule)
    if last == "token" and len(parts) > 1 and parts[-2] in word_set("names", "other_tokens"):
        return None
    if len(parts) == 1 and last in _ALONE:
        return Demand(*_ALONE[last])
    if last == "key" and len(parts) > 1 and word_set("names", "other_keys").isdisjoint(parts):
        return Demand("key", "dense")
    return Demand(*_WORDS[last]) if last in _WORDS else _compound(last)


def _split(name: str) -> list[str]:
    parts = [each.lower() for each in _PARTS.findall(name)]
    while len(parts) > 1 and (parts[-1].isdigit() or parts[-1] in word_set("names", "tail")):
        parts.pop()
    return [each for each in parts if not each.isdigit()] or parts


def _compound(word: str) -> Demand | None:
    """What a word says that is written as one: `githubtoken`, `rootpwd`, `tokens`."""
    if word.endswith("token") and word.removesuffix("token") not in word_set("names", "other_tokens"):
        return Demand("token", "mixed")
    if word.endswith("key") and word != "key" and word.removesuffix("key") not in word_set("names", "other_keys"):
        return Demand("key", "dense")
    if word.endswith("키") and word.removesuffix("키") not in word_set("names", "other_keys"):
        return Demand("key", "long")
    if word.endswith(("secret", "pwd")):
        return Demand("key", "mixed") if word.endswith("secret") else Demand("password", "any")
    if word in ("tokens", "secrets", "passwords"):
        return Demand("password" if word == "passwords" else word[:-1].replace("secret", "key"), "weak")
    return None


@cache
def stems() -> tuple[str, ...]:
    """Each name of a secret holds one of these in small letters; Korean ones also as macOS writes them, decomposed."""
    known = words("names", "stems")
    return (*known, *(unicodedata.normalize("NFD", each) for each in known if not each.isascii()))


@cache
def _endings() -> tuple[tuple[tuple[str, ...], str, Rule], ...]:
    return (
        (words("names", "digits"), "password", "digits"),
        (words("names", "password"), "password", "any"),
        (words("names", "key"), "key", "mixed"),
        (words("names", "token"), "token", "mixed"),
        (words("names", "cookie"), "cookie", "mixed"),
        (words("names", "proof"), "token", "long"),
        (("sessionid",), "cookie", "long"),
    )
