"""A tag on an Ollama server as a language model."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sllm_core.models.language_model import Completion, Identity, ModelRefused, ModelUnavailable, Prompt

from .weights import Weights, read_weights, special_tokens

if TYPE_CHECKING:
    from sllm_core.diagnosis import Diagnosis
    from sllm_core.models.adaptable import BaseWeights

    from . import OllamaConfig
    from .chat import Chat
    from .deployment import Deployment
    from .server import OllamaServer


class OllamaModel:
    """Asks one tag, with the same load options in every call.

    The model is loaded, with a time limit of its own, before the first prompt and after every failure. A client that
    gives up while the server loads makes it stop loading, so a shorter limit would never be met; therefore loading goes
    on when who waits for it is cancelled.

    Args:
        base: the tag that adapters are put on, the one of the section if "".
    """

    def __init__(self, name: str, config: OllamaConfig, base: str = "") -> None:
        self.name = name
        self.config = config
        self._base = base or config.model
        self._server: OllamaServer | None = None
        self._chat: Chat | None = None
        self._weights: Weights | None = None
        self._special: dict[str, tuple[str, ...]] = {}
        self._loaded = False
        self._loading: asyncio.Task[Chat] | None = None

    async def identify(self) -> Identity:
        """Which weights the tag has now.

        Raises:
            ModelUnavailable, ModelRefused
        """
        server = self.open()
        weights = await self._look(server)
        digest = weights.digest or await server.tag_digest()
        if digest not in self._special:
            self._special = {digest: special_tokens(await server.vocabulary())}
        return Identity(self.config.model, digest, self.parallel, self.context, self._special[digest])

    async def complete(self, prompt: Prompt) -> Completion:
        """The answer to a prompt.

        Raises:
            ModelUnavailable, ModelRefused
        """
        try:
            return await self._ask(await self._ready(), prompt)
        except (ModelUnavailable, ModelRefused, asyncio.CancelledError):
            self._loaded = False
            raise

    async def base(self) -> BaseWeights:
        """The weights behind the tag that is configured; see `Adaptable` for this and what follows.

        Raises:
            ModelUnavailable, ModelRefused, DeploymentError
        """
        if self._base == self.config.model:
            await self._look(self.open())
        return await self._deployment.base()

    async def deploy(self, tag: str, adapter: Path) -> str:
        """Serve the base with an adapter under a tag of its own.

        Raises:
            ModelUnavailable, ModelRefused, DeploymentError
        """
        return await self._deployment.deploy(tag, adapter)

    async def withdraw(self, tag: str) -> None:
        """Delete a tag that `deploy` has made.

        Raises:
            ModelUnavailable, ModelRefused, DeploymentError
        """
        await self._deployment.withdraw(tag)

    async def deployed(self, tag: str) -> str | None:
        """The digest of what stands behind a tag; None where it is not there.

        Raises:
            ModelUnavailable, ModelRefused
        """
        return await self._deployment.deployed(tag)

    async def tags(self) -> Mapping[str, str]:
        """The tags that `deploy` has made, and what stands behind each.

        Raises:
            ModelUnavailable, ModelRefused
        """
        return await self._deployment.tags()

    def tuned(self, tag: str) -> OllamaModel:
        """Another tag of the same server, with connections of its own and the same base."""
        return OllamaModel(f"{self.name} {tag}", self.config.model_copy(update={"model": tag}), self._base)

    async def rendered(self, prompt: Prompt) -> str:
        """The text that the server makes of a prompt, up to where the answer begins.

        Raises:
            ModelUnavailable, ModelRefused
        """
        from ..wire import sendable

        await self._ready()
        texts = {"system": sendable(prompt.system), "user": sendable(prompt.user)}
        messages = [{"role": role, "content": text} for role, text in texts.items()]
        return await self.open().render(messages, self._options(prompt))

    async def diagnose(self) -> Diagnosis:
        """What server and model say about themselves, and what to type if they do not."""
        from .diagnosis import diagnose

        return await diagnose(self)

    async def close(self) -> None:
        """Close all connections."""
        server, loading = self._server, self._loading
        self._server = self._chat = self._loading = None
        if loading is not None and not loading.done():
            loading.cancel()
            await asyncio.gather(loading, return_exceptions=True)
        if server is not None:
            await server.close()

    @property
    def parallel(self) -> int:
        """How many calls the server works on at once; it cannot be asked."""
        text = os.environ.get("OLLAMA_NUM_PARALLEL", "")
        return self.config.parallel or (int(text) if text.isdecimal() else 0) or 1

    @property
    def context(self) -> int:
        """How many tokens prompt and answer may have: the server quietly keeps to what the model was trained on."""
        trained = self._weights.trained if self._weights else 0
        return min(self.config.num_ctx, trained or self.config.num_ctx)

    @property
    def load_options(self) -> dict[str, object]:
        """Those whose change makes the server load the model anew."""
        threads = {"num_thread": self.config.num_thread} if self.config.num_thread else {}
        return {"num_ctx": self.config.num_ctx, **threads}

    def open(self) -> OllamaServer:
        """The server, with connections that are made when they are first needed.

        Raises:
            ModelRefused: the proxy that the environment names cannot be used.
        """
        from .server import OllamaServer

        if self._server is None:
            self._server = OllamaServer(self.config)
        return self._server

    @property
    def _deployment(self) -> Deployment:
        from .deployment import Deployment

        return Deployment(self.open(), self._base)

    async def _look(self, server: OllamaServer) -> Weights:
        weights = read_weights(await server.show())
        if weights.remote and not self.config.remote:
            what = f"{self.config.model} runs at {weights.remote}: prompts would leave your machines"
            raise ModelRefused(f"{what}; choose a local model, or allow it with remote = true")
        if weights.capabilities and "completion" not in weights.capabilities:
            raise ModelRefused(f"{self.config.model} answers no prompts, it can {', '.join(weights.capabilities)} only")
        self._weights = weights
        return weights

    async def _ready(self) -> Chat:
        if self._loading is None or (self._loading.done() and not self._loaded):
            self._loading = asyncio.create_task(self._load(self.open()))
        return await asyncio.shield(self._loading)

    async def _load(self, server: OllamaServer) -> Chat:
        if self._chat is None:
            # LangChain takes more than a second to import, during which others go on.
            self._chat = await asyncio.to_thread(_chat, server, self.config)
        await self._look(server)
        await server.load(self.load_options)
        self._loaded = True
        return self._chat

    async def _ask(self, chat: Chat, prompt: Prompt) -> Completion:
        from ..wire import sendable
        from .answer import read_answer

        if prompt.length >= self.context:
            what = f"an answer of {prompt.length} tokens leaves no room for a prompt in the {self.context} of num_ctx"
            raise ModelRefused(f"{self.config.model}: {what}; raise num_ctx")
        keep_alive = round(self.config.keep_alive.total_seconds())
        system, user = sendable(prompt.system), sendable(prompt.user)
        try:
            message = await chat.answer(system, user, prompt.schema, self._options(prompt), keep_alive)
        except ValueError as error:
            raise ModelUnavailable(f"{self.config.model}: the server sent an answer that is none") from error
        return read_answer(message, self.context)

    def _options(self, prompt: Prompt) -> dict[str, object]:
        # Whatever is not said here may be set by the author of the tag.
        return {
            **self.load_options,
            "num_predict": prompt.length,
            "temperature": 0,
            "seed": self.config.seed,
            "repeat_penalty": 1.0,
            "presence_penalty": 0.0,
            "frequency_penalty": 0.0,
        }


def _chat(server: OllamaServer, config: OllamaConfig) -> Chat:
    from .chat import Chat

    return Chat.through(server.wire, config.url, config.model, server.limits)
