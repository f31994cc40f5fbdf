"""Reads few messages one by one: Arrow compiles its expressions for each call, which takes longer than to read them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import numpy as np
import pyarrow as pa

from sllm_core.grouping import MISSING, Ints

FEW = 200
"""How many messages are few."""

SHORT = 300
"""How many characters each of them has at most, so that no text makes an expression slow, nor a number infinite."""

_FOLDED = re.compile("[\u017f\u212a\u039c]")
"""The letters beyond ASCII that Arrow takes for the case of another: of `s`, `k` and `μ`."""


def few_messages(messages: pa.Array) -> list[str] | None:
    """The messages if they are few, short and so plain that Python's expressions find in them what Arrow's do."""
    if len(messages) > FEW or messages.null_count:
        return None
    texts: list[str] = messages.to_pylist()
    return texts if all(map(_is_plain, texts)) else None


def _is_plain(text: str) -> bool:
    return len(text) <= SHORT and "\v" not in text and (text.isascii() or not _FOLDED.search(text))


@cache
def exact(expression: str) -> re.Pattern[str]:
    """What finds the same as Arrow's expression, whose `$` is the end and no place before it."""
    return re.compile(expression.replace("$", r"\Z"), re.ASCII)


def values(texts: Sequence[str], expression: str | None) -> list[str | None]:
    """What the expression finds as its `value` in each text."""
    if expression is None:
        return [None] * len(texts)
    return [found and found["value"] for found in map(exact(expression).search, texts)]


def numbered(found: Sequence[str | None]) -> tuple[list[str], Ints]:
    """The distinct values as they are met, and for each the place of its own, MISSING where there is none."""
    places: dict[str | None, int] = {None: MISSING}
    place = [places.setdefault(each, len(places) - 1) for each in found]
    return [each for each in places if each is not None], np.array(place, np.int64)
