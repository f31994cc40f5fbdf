"""What a model wrote, read strictly."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from sllm_core.models.language_model import Completion, Prompt
from sllm_core.models.mistakes import told
from sllm_core.models.schema import find_mistake

Check = Callable[[Mapping[str, Any]], str | None]
"""Says what is wrong with values that obey the schema; None: nothing."""


class Mistake(Exception):
    """The answer cannot be used; the text says why, in the language of the prompt."""


def read_completion(prompt: Prompt, completion: Completion, check: Check | None = None) -> dict[str, Any]:
    """The values in an answer.

    Raises:
        Mistake: it is not finished, does not obey the schema, or does not pass the check.
    """
    if not completion.finished:
        raise Mistake(told("cut", prompt.language))
    return read_text(prompt, completion.text, check)


def read_text(prompt: Prompt, text: str, check: Check | None = None) -> dict[str, Any]:
    """The values in the text of an answer.

    Raises:
        Mistake: it does not obey the schema, or does not pass the check.
    """
    values = parse_object(text)
    if values is None:
        raise Mistake(told("json", prompt.language))
    mistake = find_mistake(values, prompt.schema, prompt.language) or (check(values) if check else None)
    if mistake is not None:
        raise Mistake(mistake)
    return values


def parse_object(text: str) -> dict[str, Any] | None:
    """The text as one JSON object.

    None for anything else, and also for a name that comes twice, numbers that JSON does not know, text behind the
    object, and halves of surrogate pairs.
    """
    try:
        values = json.loads(text, object_pairs_hook=_once, parse_constant=_unknown)
        json.dumps(values, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a name comes twice")
    return values


def _unknown(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
