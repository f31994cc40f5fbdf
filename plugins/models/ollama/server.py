"""What sllm asks an Ollama server besides answers to prompts."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import httpx

from sllm_core.models.language_model import ModelUnavailable

from ..wire import Wire, client, limits
from .failures import judge_for
from .weights import same_tag

if TYPE_CHECKING:
    from . import OllamaConfig

SHORT = 10.0
"""Seconds for an answer that needs no model; /api/show reads the head of a file, which may lie on a slow disk."""
VOCABULARY = 60.0
"""Seconds for an answer with the whole vocabulary."""
WHOLE = MappingProxyType({"/api/chat": MappingProxyType({"truncate": False, "shift": False})})
"""That the server shall refuse what does not fit, instead of leaving parts out without a word."""


class OllamaServer:
    """The API of a server, as far as it concerns one tag. Every call may raise ModelUnavailable or ModelRefused."""

    def __init__(self, config: OllamaConfig) -> None:
        self._config = config
        self._model = config.model
        self._connect = config.connect_timeout.total_seconds()
        self.wire = Wire(config.url, config.api_key.get_secret_value(), judge_for(config.model), WHOLE)
        self._client = client(self.wire, config.url, self._connect)

    @property
    def limits(self) -> httpx.Timeout:
        """The time limits of an answer to a prompt."""
        return limits(self._config.read_timeout.total_seconds(), self._connect)

    async def version(self) -> str:
        """The version of the server; 0.0.0 if it was built without one."""
        return str((await self._ask("GET", "api/version", SHORT)).get("version", ""))

    async def tags(self) -> dict[str, str]:
        """The digest of each tag that the server has, by name."""
        models = (await self._ask("GET", "api/tags", SHORT)).get("models")
        found = [each for each in models if isinstance(each, dict)] if isinstance(models, list) else []
        return {str(each.get("name")): str(each.get("digest", "")) for each in found}

    async def show(self) -> dict[str, Any]:
        """What the server knows about the tag."""
        return await self._ask("POST", "api/show", SHORT, {"model": self._model})

    async def vocabulary(self) -> dict[str, Any]:
        """The same with every token of the vocabulary: some megabytes."""
        return await self._ask("POST", "api/show", VOCABULARY, {"model": self._model, "verbose": True})

    async def tag_digest(self) -> str:
        """The digest of the tag, which differs between servers though the weights are the same; "" if unknown."""
        tags = await self.tags()
        return next((digest for name, digest in tags.items() if same_tag(name, self._model)), "")

    async def load(self, options: Mapping[str, object]) -> None:
        """Load the model with these options, if it is not loaded with them."""
        keep_alive = round(self._config.keep_alive.total_seconds())
        body = {"model": self._model, "messages": [], "options": dict(options), "keep_alive": keep_alive}
        limit = self._config.load_timeout.total_seconds()
        answer = await self._ask("POST", "api/chat", limit, {**body, "stream": False})
        if answer.get("done") is not True:
            raise ModelUnavailable(f"{self._model} could not be loaded: the server broke off")

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _ask(self, method: str, path: str, limit: float, body: object = None) -> dict[str, Any]:
        timeout = limits(limit, self._connect)
        response: httpx.Response = await self._client.request(method, path, json=body, timeout=timeout)
        answer: dict[str, Any] = response.json()
        return answer
