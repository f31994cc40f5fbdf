"""Whether what stands where a secret would stand is one: not a word about it, not a variable, not a mask."""

from __future__ import annotations

import re
from functools import cache

from sllm_core.redaction.key_names import Demand
from sllm_core.redaction.placeholders import OPAQUE
from sllm_core.redaction.value_extents import GLANCE
from sllm_core.redaction.vocabulary import word_set

_ENDINGS = ("ed", "ing", "tion", "sion", "ment", "able", "ible", "less", "ness", "ly", "ity", "ance", "ence")
_HANGUL = re.compile(r"[가-힣]")
_SHORTEST, _LONG = 6, 16


def is_secret(value: str, demand: Demand, *, quoted: bool, spoken: bool) -> bool:
    """Whether the value fulfils the demand. `spoken`: it follows a colon and a space, as words of a sentence may."""
    bare = value.strip().strip(".,;:!?")
    if not bare or bare.lower() in word_set("values", "about") or _no_value().fullmatch(value.strip()):
        return False
    if demand.rule == "digits":
        return bool(_code().fullmatch(bare))
    if len(bare) >= GLANCE - 8 and " " not in bare:
        return True
    if _is_sentence(bare, quoted, spoken):
        return False
    return demand.rule in ("any", "credential") or _is_random(bare, demand, quoted)


def _is_sentence(value: str, quoted: bool, spoken: bool) -> bool:
    if _HANGUL.search(value):
        return sum(each.isascii() and each.isalnum() for each in value) < 3
    parts = value.lower().split()
    if len(parts) > 1:
        return not word_set("values", "sentence").isdisjoint(parts)
    return spoken and not quoted and value.isalpha() and value.islower() and value.endswith(_ENDINGS)


def _is_random(value: str, demand: Demand, quoted: bool) -> bool:
    """Whether it is no name, path or number, and long and mixed enough for the rule."""
    if demand.rule == "dense" or _is_dense(value):
        return _is_dense(value)
    if len(value) < _SHORTEST or _other().fullmatch(value) or _thing().fullmatch(value[:300]):
        return False
    digit, letter = any(map(str.isdigit, value)), any(map(str.isalpha, value))
    mixed = digit and letter
    match demand.rule:
        case "random":
            return mixed and not _identifier().fullmatch(value)
        case "long":
            return len(value) >= _LONG and mixed and not _identifier().fullmatch(value)
        case "weak":
            return mixed and (len(value) >= 8 or demand.kind == "password" or (quoted and not value.isalnum()))
    if demand.kind != "key":
        return mixed or (len(value) >= 20 and letter)
    return mixed or len(value) >= 10 or (not value.isalnum())


def _is_dense(value: str) -> bool:
    """Whether it has small and large letters and digits without order, as random bytes in base64 have."""
    return any(
        len(word) >= 16 and sum(len(each) <= 3 for each in _runs().findall(word)) * 5 >= len(word)
        for word in _joints().split(value)
        if not word.isalpha() and word.lower() != word != word.upper()
    )


@cache
def _runs() -> re.Pattern[str]:
    """Letters of a kind that follow each other; in names and numbers there are few and long ones."""
    return re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")


@cache
def _joints() -> re.Pattern[str]:
    return re.compile(r"[^A-Za-z0-9+]")


@cache
def _no_value() -> re.Pattern[str]:
    """Masks, variables, parameters, and what programs write for nothing."""
    masks = r"[*•●xX.#?_-]{2,}+|[*?-]|\(\w*\)|\[[A-Za-z _-]*\]|<[A-Za-z _-]*>|\.{3,}|…"
    shell = r"\$\{[^}]*\}?|\$\([^)]*\)?|\$[A-Za-z_]\w*|%[A-Za-z_]\w*%"
    templates = r"%\(\w+\)[sd]|%[sdvq]|\{+[\w .$-]*\}*+|#\{[^}]*\}?"
    parameters = rf"\$\d{{1,3}}|:[a-z_]+|@[a-z_]+|\[?\]?|<{OPAQUE}+>"
    return re.compile(f"{masks}|{shell}|{templates}|{parameters}")


@cache
def _other() -> re.Pattern[str]:
    """Names, paths, addresses and numbers: what keys are called and where they lie."""
    names = r"[a-z]+(?:[-_./:][a-z]+|[-_./:]v?\d+)*+|[A-Z]+(?:_[A-Z]+)*+|[a-z]*+(?:[A-Z][a-z]+){1,8}+"
    files = r"\S+\.(?:pem|key|crt|cer|jks|p12|pfx|txt|json|ya?ml)"
    places = rf"(?:file:|~|\.{{1,2}})?[/\\].*+|[A-Za-z]:\\.*+|https?://.*+|arn:.*+|{files}"
    numbers = r"[-+]?[\d.,]+(?:[a-z]{1,2}|%)?"
    return re.compile(f"{names}|{places}|{numbers}", re.DOTALL)


@cache
def _identifier() -> re.Pattern[str]:
    """What identifies things and opens no door: UUIDs, numbers in hexadecimal notation, SIDs of Windows."""
    return re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|0x[0-9a-fA-F]+|S-1-[\d-]+")


@cache
def _thing() -> re.Pattern[str]:
    """What is no secret although it is mixed: objects as Java prints them, names of algorithms."""
    objects = r"[\w.$]{0,200}[A-Z][\w$]{0,100}[@{][0-9a-f]{1,16}\}?"
    algorithm = "aes|sha|chacha|poly|rsa|md|3?des|ecdsa|ecdh|dh|ed|curve|x|tls|ssl|cbc|gcm|ctr|hmac|aria|seed|lea|bit"
    return re.compile(rf"{objects}|(?:(?:{algorithm}|v)[-_/.]?\d{{0,5}}[-_/.]?){{1,8}}", re.IGNORECASE)


@cache
def _code() -> re.Pattern[str]:
    return re.compile(r"\d{3,8}|\d{3}[- ]\d{3}")
