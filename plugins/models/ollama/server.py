"""What sllm asks an Ollama server besides answers to prompts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import httpx

from sllm_core.models.language_model import ModelRefused, ModelUnavailable

from ..wire import BARE, Wire, client, limits
from .failures import BlobAbsent, judge_for
from .weights import same_tag

if TYPE_CHECKING:
    from . import OllamaConfig

SHORT = 10.0
"""Seconds for an answer that needs no model; /api/show reads the head of a file, which may lie on a slow disk."""
VOCABULARY = 60.0
"""Seconds for an answer with the whole vocabulary."""
MAKING = 300.0
"""Seconds for making a tag, for which a server may read the whole base."""
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
        return str((await self.ask("GET", "api/version", SHORT)).get("version", ""))

    async def tags(self) -> dict[str, str]:
        """The digest of each tag that the server has, by name."""
        models = (await self.ask("GET", "api/tags", SHORT)).get("models")
        found = [each for each in models if isinstance(each, dict)] if isinstance(models, list) else []
        return {str(each.get("name")): str(each.get("digest", "")) for each in found}

    async def show(self, tag: str = "") -> dict[str, Any]:
        """What the server knows about the tag, or about another."""
        return await self.ask("POST", "api/show", SHORT, {"model": tag or self._model})

    async def vocabulary(self) -> dict[str, Any]:
        """The same with every token of the vocabulary: some megabytes."""
        return await self.ask("POST", "api/show", VOCABULARY, {"model": self._model, "verbose": True})

    async def tag_digest(self) -> str:
        """The digest of the tag, which differs between servers though the weights are the same; "" if unknown."""
        tags = await self.tags()
        return next((digest for name, digest in tags.items() if same_tag(name, self._model)), "")

    async def load(self, options: Mapping[str, object]) -> None:
        """Load the model with these options, if it is not loaded with them."""
        keep_alive = round(self._config.keep_alive.total_seconds())
        body = {"model": self._model, "messages": [], "options": dict(options), "keep_alive": keep_alive}
        limit = self._config.load_timeout.total_seconds()
        answer = await self.ask("POST", "api/chat", limit, {**body, "stream": False})
        if answer.get("done") is not True:
            raise ModelUnavailable(f"{self._model} could not be loaded: the server broke off")

    async def render(self, messages: Sequence[Mapping[str, str]], options: Mapping[str, object]) -> str:
        """The text that the server makes of messages; it loads the model, and answers nothing."""
        body = {"model": self._model, "messages": list(messages), "options": dict(options), "stream": False}
        limit = self._config.load_timeout.total_seconds()
        answer = await self.ask("POST", "api/chat", limit, {**body, "_debug_render_only": True})
        told = answer.get("_debug_info")
        text = told.get("rendered_template") if isinstance(told, dict) else None
        if not isinstance(text, str):
            raise ModelRefused("the server does not show how it fills its template: Ollama 0.11 or later does")
        return text

    async def create(self, tag: str, base: str, adapter: str) -> None:
        """Make a tag of a base and an adapter, whose SHA-256 names a file that the server has."""
        body = {"model": tag, "from": base, "adapters": {"adapter.gguf": f"sha256:{adapter}"}, "stream": False}
        await self.ask("POST", "api/create", MAKING, body)

    async def delete(self, tag: str) -> None:
        """Delete a tag."""
        await self.ask("DELETE", "api/delete", SHORT, {"model": tag}, bare=True)

    async def has_blob(self, digest: str) -> bool:
        """Whether the server has a file, by its SHA-256."""
        try:
            await self.ask("HEAD", f"api/blobs/sha256:{digest}", SHORT, bare=True)
        except BlobAbsent:
            return False
        return True

    async def put_blob(self, digest: str, pieces: AsyncIterator[bytes], size: int) -> None:
        """Send a file of so many bytes; the server compares its SHA-256."""
        url, limit = f"api/blobs/sha256:{digest}", self._config.load_timeout.total_seconds()
        headers, timeout = {"content-length": str(size)}, limits(limit, self._connect)
        await self._client.post(url, content=pieces, headers=headers, timeout=timeout, extensions={BARE: True})

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def ask(
        self, method: str, path: str, limit: float, body: object = None, *, bare: bool = False
    ) -> dict[str, Any]:
        """The answer to a request, within so many seconds; `bare`: it may have no content."""
        timeout, extensions = limits(limit, self._connect), {BARE: bare}
        response = await self._client.request(method, path, json=body, timeout=timeout, extensions=extensions)
        answer: dict[str, Any] = response.json()
        return answer
