"""What OpenAI-compatible servers tell about a model: /v1/models everywhere, /props of llama-server besides."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TELLING = ("root", "parent", "meta", "model_path", "chat_template", "build_info")
"""What has a say in the answers, as far as a server names it."""


@dataclass(frozen=True)
class Listed:
    """A model as its server lists it; `about` is everything that it says."""

    name: str
    about: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """Hexadecimal digits that follow from all that the server tells; "" when it tells nothing but the name.

        It is the best that can be had, and no proof: other weights under the same path look the same.
        """
        told = {key: self.about[key] for key in TELLING if self.about.get(key) not in (None, "", self.name, [], {})}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest() if told else ""

    @property
    def context(self) -> int:
        """How many tokens prompt and answer may have; 0 when the server does not tell."""
        settings = self.about.get("default_generation_settings")
        slot = settings.get("n_ctx") if isinstance(settings, Mapping) else None
        return _count(slot) or _count(self.about.get("max_model_len"))

    @property
    def slots(self) -> int:
        """How many calls the server works on at once; 0 when it does not tell."""
        return _count(self.about.get("total_slots"))

    @property
    def server(self) -> str:
        """Which server it is, as far as it tells: vllm, llamacpp or another."""
        return str(self.about.get("owned_by", ""))


def listed(answer: Mapping[str, Any]) -> dict[str, Listed]:
    """The models in an answer of /v1/models, by name."""
    models = answer.get("data")
    entries = [each for each in models if isinstance(each, Mapping)] if isinstance(models, list) else []
    return {str(each.get("id")): Listed(str(each.get("id")), each) for each in entries}


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
