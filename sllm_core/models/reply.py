"""A valid answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sllm_core.models.language_model import Token


@dataclass(frozen=True)
class Reply:
    """An answer that obeys its schema and passed the check.

    `text` is what the model wrote and `tokens` how (None where the server does not tell); `cached` says that it wrote
    it earlier; `seconds` is how long the caller waited; `model` names the tag and the weights that answered.
    """

    values: Mapping[str, Any]
    tokens: tuple[Token, ...] | None = None
    cached: bool = False
    seconds: float = 0.0
    text: str = ""
    model: str = ""
