"""The words of vocabulary.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def words(table: str, name: str) -> tuple[str, ...]:
    """The words of that name in their order; what is joined by _ has spaces."""
    text: str = _tables()[table][name]
    return tuple(each.replace("_", " ") for each in text.split())


@cache
def word_set(table: str, name: str) -> frozenset[str]:
    """The same as a set."""
    return frozenset(words(table, name))


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(files("sllm_core.redaction").joinpath("vocabulary.toml").read_text(encoding="utf-8"))
