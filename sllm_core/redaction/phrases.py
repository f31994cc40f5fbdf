"""Secrets that follow certain words: options of programs, statements of SQL, commands of protocols, plain sentences."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from sllm_core.redaction.key_names import Demand, demand_of
from sllm_core.redaction.plausible import is_secret
from sllm_core.redaction.sight import Sight
from sllm_core.redaction.spans import Span

_PARTS = MappingProxyType(
    {
        "(?&gap)": r"[^|;\n]{0,200}?\s",
        "(?&word)": r"(?:'([^'\n]{1,200}+)'|\"([^\"\n]{1,200}+)\"|[\"']?([^\s\"'|;]{2,200}+))",
        "(?&spoken)": r"[\"'(\[]?((?=[^\s\"']*[\d!@#$%^&*~])[!#-&*-;=?-_a-~]{4,200}+)",
    }
)
"""Other words of a command; a value; a value that no sign announces, which has a digit or a special character."""


@dataclass(frozen=True)
class Phrase:
    """`trigger` stands in the folded text wherever the expression matches."""

    trigger: str
    demand: Demand
    expression: re.Pattern[str]


def spoken_secrets(sight: Sight) -> Iterator[Span]:
    """The secrets that follow the words of a phrase, or an option like `--password`."""
    folded, text = sight.folded, sight.text
    for phrase in _phrases():
        if phrase.trigger in folded:
            for found in phrase.expression.finditer(text):
                yield from _secret(found, found.lastindex or 1, phrase.demand)
    if "-" in text and any(each in folded for each in ("--", " -p", " -t", "'-", '"-')):
        for found in _option().finditer(text):
            if demand := demand_of(found[1]):
                yield from _secret(found, found.lastindex or 2, demand)


def _secret(found: re.Match[str], group: int, demand: Demand) -> Iterator[Span]:
    value = found[group].rstrip(".,;:)]")
    if is_secret(value, demand, quoted=True, spoken=False):
        yield Span(found.start(group), found.start(group) + len(value), demand.kind)


@cache
def _phrases() -> tuple[Phrase, ...]:
    table = tomllib.loads(files("sllm_core.redaction").joinpath("phrases.toml").read_text(encoding="utf-8"))
    return tuple(
        Phrase(trigger, Demand(kind, rule), _compiled(expression))
        for trigger, kind, rule, expression in table["phrases"]
    )


def _compiled(expression: str) -> re.Pattern[str]:
    for name, part in _PARTS.items():
        expression = expression.replace(name, part)
    return re.compile(expression, re.IGNORECASE)


@cache
def _option() -> re.Pattern[str]:
    """An option and its value as the next word, on a command line or in a list of arguments."""
    value = r"(?!-)(?:'([^'\n]{1,500}+)'|\"([^\"\n]{1,500}+)\"|[\"']?([^\s\"'|;]{2,500}+))"
    return re.compile(rf"(?<![\w-])--?([A-Za-z][\w.-]{{1,60}}+)(?:\s++|[\"'],\s?){value}")
