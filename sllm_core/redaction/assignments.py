"""Values under the name of a secret: in JSON, YAML, logfmt, query strings, DSNs, XML, on command lines, in prose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from sllm_core.redaction.key_names import Demand, demand_of, stems
from sllm_core.redaction.plausible import is_secret
from sllm_core.redaction.sight import Sight
from sllm_core.redaction.spans import Span
from sllm_core.redaction.value_extents import Value, all_of, value_at

_LEXER = ("unexpected ", "expecting ", "expected ", "illegal ", "near ")
_VAGUE = ("key", "token", "secret", "code", "키", "토큰", "번호", "코드", "값", "password", "phrase")


def assigned_secrets(sight: Sight) -> Iterator[Span]:
    """The values that are secrets by their names."""
    folded, text = sight.folded, sight.text
    if not any(stem in folded for stem in stems()):
        return
    yield from _found(text, _assignment())
    if "value" in folded:
        yield from _found(text, _named())
    if "</" in text:
        yield from _elements(text)


def _found(text: str, expression: re.Pattern[str]) -> Iterator[Span]:
    position = 0
    while (found := expression.search(text, position)) is not None:
        position = found.end()
        demand = _demand(text, found)
        if demand is not None:
            value = _within(text, value_at(text, found.end()), found["between"])
            if _fits(text, found, value, demand):
                value = _whole(text, value, found["name"])
                yield Span(value.start, value.end, demand.kind)
                position = value.end


def _within(text: str, value: Value, between: str) -> Value:
    """The value, up to an encoded & if the sign before it was encoded too."""
    part = _ampersand().search(text, value.start, value.end) if "%" in between else None
    return value._replace(end=part.start()) if part else value


def _whole(text: str, value: Value, name: str) -> Value:
    """All of a value that may be longer than was looked at; of a mnemonic, all its words."""
    words = _mnemonic().match(text, value.end) if name.lower().endswith(("phrase", "mnemonic")) else None
    return value._replace(end=words.end()) if words and not value.quoted else all_of(text, value)


def _elements(text: str) -> Iterator[Span]:
    for found in _element().finditer(text):
        name = found["name"] or found["tag"]
        demand = demand_of(name)
        if demand is not None and is_secret(found["value"], demand, quoted=True, spoken=False):
            yield Span(*found.span("value"), demand.kind)


def _demand(text: str, found: re.Match[str]) -> Demand | None:
    """By the name; where that is vague, by the word before it too, as in `API key: …`."""
    name, start = found["name"], found.start("name")
    demand = demand_of(name)
    if name.lower().endswith(_VAGUE) and (before := _before().search(text, max(0, start - 24), start)):
        phrase = demand_of(f"{before[1]}_{name}")
        return phrase if phrase or demand is None else demand
    in_query = start and text[start - 1] in "?&#"
    if demand is None and in_query and name in ("key", "code"):
        return Demand("key" if name == "key" else "token", "long")
    return demand


def _fits(text: str, found: re.Match[str], value: Value, demand: Demand) -> bool:
    between = found["between"]
    spoken = ":" in between and between[-1:].isspace()
    secret = text[value.start : value.end]
    before = text[max(0, found.start("name") - 12) : found.start("name")]
    if demand.rule == "weak" and (before.lower().endswith(_LEXER) or _expected().match(text, value.end)):
        return False
    if found["name"].lower() == "pass" and spoken and not value.quoted and before[-1:].isspace():
        return False  # of a compiler, of a test: `second pass: …`
    if before.endswith(("/etc/", "://")):
        return False
    if found["name"].lower() in ("pwd", "oldpwd") and secret.startswith("/"):
        return False
    if demand.rule == "any" and before.endswith(":") and secret.isdigit() and not value.quoted:
        return False
    if demand.kind == "password" and demand.rule == "weak" and not secret.isdigit() and _has_login(text, found.start()):
        demand = Demand("password", "any")
    return is_secret(secret, demand, quoted=value.quoted, spoken=spoken)


def _has_login(text: str, start: int) -> bool:
    """Whether somebody is named shortly before, as in `user=kim pass=…`."""
    return _login().search(text, max(0, start - 60), start) is not None


@cache
def _assignment() -> re.Pattern[str]:
    """A name, what closes it (a quote, a bracket, a remark), and what says that a value follows."""
    close = r"(?:\\*+[\"'`])?\]?(?:\s?\([^(),\n]{0,20}\))?(?:\\*+[\"'`])?"
    fold = r"(?:[ \t]*+(?:\r?\n[ \t]++)?)"
    sign = r"(?:=>|:=|->|={1,3}|::?|%(?:25)*+3[dDaA])"
    return re.compile(rf"(?<![\w.$-])(?P<name>[\w.$-]++)(?P<between>{close}[ \t]*+{sign}{fold})")


@cache
def _named() -> re.Pattern[str]:
    """`name: DB_PASSWORD, value: …`, and the same as attributes or JSON."""
    quote, colon = r"[\"']?", r"\s{0,3}[:=]\s{0,3}"
    return re.compile(
        rf"(?<!\w)(?:name|key|field|header){quote}{colon}{quote}(?P<name>[\w.$-]++){quote}"
        rf"(?P<between>\s{{0,3}}[,;]?\s{{0,3}}{quote}value{quote}{colon})",
        re.IGNORECASE,
    )


@cache
def _element() -> re.Pattern[str]:
    """An element of XML: the name is its tag, or what its attribute `name` or `key` says."""
    named = r"(?:\s(?:name|key|id)=[\"'](?P<name>[\w.$-]{1,80})[\"'])?"
    return re.compile(
        rf"<(?:\w{{1,20}}:)?(?P<tag>[\w.-]{{1,80}}+){named}(?:\s[^<>]{{0,200}}+)?>(?P<value>[^<\s][^<]{{0,4096}}+)</"
    )


@cache
def _before() -> re.Pattern[str]:
    return re.compile(r"(?<!\S)([\w.-]{1,20}) \Z")


@cache
def _mnemonic() -> re.Pattern[str]:
    return re.compile(r"(?: [a-z]{3,8}(?![\w:=])){2,23}")


@cache
def _expected() -> re.Pattern[str]:
    return re.compile(r"\\*+[\"'`]?\s(?:un)?expected")


@cache
def _ampersand() -> re.Pattern[str]:
    return re.compile(r"%(?:25)*+26")


@cache
def _login() -> re.Pattern[str]:
    return re.compile(r"(?:user(?:name|id)?|login|uid)[\"']?\s?[=:]", re.IGNORECASE)
