"""How many tokens a text may have, without the model's tokenizer: estimates that rather err upwards."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

PROSE = 3.0
"""ASCII characters for a token of prose: vocabularies of 32,000 entries and more have about four."""

_FRAME = 160
"""Tokens that a chat template sets around the messages, and those that tell what was wrong with a first answer."""

_SINGLE = re.compile(r"[^A-Za-z\s\u0080-\U0010ffff]|\n")
_LETTERS = re.compile(r"[A-Za-z]+")
_OTHER = re.compile(r"[\u0080-\U0010ffff]+")


def prose_tokens(text: str) -> int:
    """A token for three ASCII characters and for each other one: texts of ours, in English or Korean."""
    other = sum(map(len, _OTHER.findall(text)))
    return math.ceil((len(text) - other) / PROSE) + other


def log_tokens(text: str) -> int:
    """A token for each digit, sign, line feed and byte beyond ASCII, and for two letters: any text at all."""
    letters = sum(math.ceil(len(word) / 2) for word in _LETTERS.findall(text))
    other = sum(len(each.encode(errors="surrogatepass")) for each in _OTHER.findall(text))
    return letters + other + len(_SINGLE.findall(text))


def prompt_tokens(system: str, user: str) -> int:
    """The tokens of a prompt: `system` is prose of ours, `user` may hold anything."""
    return _FRAME + prose_tokens(system) + log_tokens(user)


def answer_tokens(schema: Mapping[str, Any], language: str) -> int:
    """The tokens that the longest answer by a flat schema may have, laid out over lines by a model that does so.

    A string counts with its `maxLength`: in Korean a token for each character, else one for two.
    """
    properties = schema["properties"].items()
    return 8 + sum(log_tokens(f'\n "{name}": ,') + _value(each, language) for name, each in properties)


def _value(schema: Mapping[str, Any], language: str) -> int:
    if "enum" in schema:
        return max(log_tokens(f'"{each}"') for each in schema["enum"])
    longest = int(schema.get("maxLength", 32))
    return longest if language == "ko" else math.ceil(longest / 2)
