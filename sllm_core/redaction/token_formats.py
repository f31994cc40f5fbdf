"""Credentials that are known by their form, as the providers have published it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from sllm_core.redaction.sight import Sight
from sllm_core.redaction.spans import Span


@dataclass(frozen=True)
class TokenFormat:
    """`trigger` stands in the folded text wherever the expression matches."""

    trigger: str
    kind: str
    expression: re.Pattern[str]


def known_formats(sight: Sight) -> Iterator[Span]:
    """The credentials of a known form."""
    folded, text = sight.folded, sight.text
    for each in _formats():
        if each.trigger in folded:
            for found in each.expression.finditer(text):
                yield Span(*found.span(), each.kind)
    if "akia" in folded or "asia" in folded:
        yield from (Span(*found.span(), "key") for found in _aws_secret().finditer(text))


@cache
def _formats() -> tuple[TokenFormat, ...]:
    table = tomllib.loads(files("sllm_core.redaction").joinpath("token_formats.toml").read_text(encoding="utf-8"))
    return tuple(TokenFormat(trigger, kind, _compiled(text)) for trigger, kind, text in table["formats"])


def _compiled(expression: str) -> re.Pattern[str]:
    apart = "" if expression.startswith("=") else r"(?<![A-Za-z0-9])"
    return re.compile(apart + expression.removeprefix("="), re.ASCII)


@cache
def _aws_secret() -> re.Pattern[str]:
    """What AWS gives along with an access key id: 40 characters with small and large letters and digits."""
    mixed = r"(?=[A-Za-z0-9+/]*[A-Z])(?=[A-Za-z0-9+/]*[a-z])(?=[A-Za-z0-9+/]*\d)"
    return re.compile(rf"(?<![A-Za-z0-9+/]){mixed}[A-Za-z0-9+/]{{40}}(?![A-Za-z0-9+/=])")
