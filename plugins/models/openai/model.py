"""A model behind an OpenAI-compatible server as a language model."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sllm_core.models.language_model import Completion, Identity, ModelRefused, Prompt

from .listing import Listed, listed

if TYPE_CHECKING:
    import httpx

    from sllm_core.diagnosis import Diagnosis

    from . import OpenAIConfig
    from .chat import Chat

SHORT = 10.0
"""Seconds for an answer that needs no model."""
CONTEXT, PARALLEL = 4096, 4
"""What is assumed where neither the configuration nor the server says."""


class OpenAIModel:
    """Asks one model, with the same options in every call.

    Once a server has refused log-probabilities it is not asked for them again.
    """

    def __init__(self, name: str, config: OpenAIConfig) -> None:
        self.name = name
        self.config = config
        self._client: httpx.AsyncClient | None = None
        self._chat: Chat | None = None
        self._opening = asyncio.Lock()
        self._listed: Listed | None = None
        self._logprobs = True

    async def identify(self) -> Identity:
        """Which model the server lists under the name.

        Raises:
            ModelUnavailable, ModelRefused
        """
        models = await self.models()
        if self.config.model not in models:
            what = f"the server has no model {self.config.model}"
            raise ModelRefused(f"{what}; it has {', '.join(sorted(models)) or 'none'}")
        self._listed = await self._asked_more(models[self.config.model])
        parallel = self.config.parallel or self._listed.slots or PARALLEL
        return Identity(self.config.model, self._listed.digest, parallel, self.context)

    async def complete(self, prompt: Prompt) -> Completion:
        """The answer to a prompt.

        Raises:
            ModelUnavailable, ModelRefused
        """
        from .failures import LogprobsRefused

        if self._logprobs:
            try:
                return await self._ask(prompt, logprobs=True)
            except LogprobsRefused:
                self._logprobs = False
        return await self._ask(prompt, logprobs=False)

    async def diagnose(self) -> Diagnosis:
        """What server and model say about themselves, and what to do if they do not."""
        from .diagnosis import diagnose

        return await diagnose(self)

    async def close(self) -> None:
        """Close all connections."""
        client, self._client, self._chat = self._client, None, None
        if client is not None:
            await client.aclose()

    async def models(self) -> dict[str, Listed]:
        """What the server lists, by name.

        Raises:
            ModelUnavailable, ModelRefused
        """
        return listed(await self._get(f"{self.config.base_url}/models"))

    @property
    def context(self) -> int:
        """How many tokens prompt and answer may have together."""
        told = self._listed.context if self._listed else 0
        return self.config.context or told or CONTEXT

    async def _asked_more(self, found: Listed) -> Listed:
        if found.server != "llamacpp":
            return found
        root = re.sub(r"/v1$", "", self.config.base_url)
        about = dict(found.about)
        try:
            about |= await self._get(f"{root}/props")
        except ModelRefused:  # the server was told to keep its properties to itself
            return found
        return Listed(found.name, about)

    async def _get(self, url: str) -> dict[str, Any]:
        from ..wire import limits

        timeout = limits(SHORT, self.config.connect_timeout.total_seconds())
        answer: dict[str, Any] = (await self._open().get(url, timeout=timeout)).json()
        return answer

    async def _ask(self, prompt: Prompt, logprobs: bool) -> Completion:
        from ..wire import sendable
        from .answer import read_answer

        chat = await self._ready()
        started = time.monotonic()
        system, user = sendable(prompt.system), sendable(prompt.user)
        message = await chat.answer(system, user, _named(prompt), prompt.length, logprobs)
        return read_answer(message, self.context, time.monotonic() - started)

    async def _ready(self) -> Chat:
        async with self._opening:
            if self._chat is None:
                # LangChain takes more than a second to import, during which others go on.
                self._chat = await asyncio.to_thread(_chat, self._open(), self.config)
            return self._chat

    def _open(self) -> httpx.AsyncClient:
        from ..wire import Wire, client
        from .failures import judge_for

        if self._client is None:
            url, key = self.config.base_url, self.config.api_key.get_secret_value()
            wire = Wire(url, key, judge_for(self.config.model))
            self._client = client(wire, url, self.config.connect_timeout.total_seconds())
        return self._client


def _named(prompt: Prompt) -> Mapping[str, object]:
    name = re.sub(r"[^A-Za-z0-9_-]", "_", prompt.task)[:64] or "answer"
    return {"name": name, "strict": True, "schema": dict(prompt.schema)}


def _chat(client: httpx.AsyncClient, config: OpenAIConfig) -> Chat:
    from ..wire import limits
    from .chat import Chat

    timeout = limits(config.read_timeout.total_seconds(), config.connect_timeout.total_seconds())
    return Chat.through(client, config.base_url, config.model, config.seed, timeout)
