"""Log-probabilities, which Ollama and OpenAI's protocol write in the same way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sllm_core.models.language_model import Token


def read_tokens(entries: Iterable[Mapping[str, Any]] | None) -> tuple[Token, ...] | None:
    """The tokens of an answer: each entry has `token`, `logprob` and `top_logprobs`.

    None when there are none, or they are not as they should be.
    """
    try:
        return tuple(map(_token, entries)) if entries else None
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _token(entry: Mapping[str, Any]) -> Token:
    alternatives = ((each["token"], float(each["logprob"])) for each in entry.get("top_logprobs") or ())
    return Token(entry["token"], float(entry["logprob"]), tuple(alternatives))
