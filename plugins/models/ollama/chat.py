"""LangChain's client of Ollama, held to what the server really does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_ollama import ChatOllama

ALTERNATIVES = 20
"""How many tokens the server names at most in the place of each."""


class Chat(ChatOllama):
    """One question, one answer, nothing on the way.

    LangChain's own `invoke` reports each prompt to whatever tracer, cache or callback the environment or another
    library has switched on; `answer` passes all of that by.
    """

    @classmethod
    def through(cls, wire: httpx.AsyncBaseTransport, url: str, model: str, timeout: httpx.Timeout) -> Chat:
        """A client that sends everything through `wire`, which who gives it closes."""
        return cls(
            model=model,
            base_url=url,
            reasoning=False,
            logprobs=True,
            top_logprobs=ALTERNATIVES,
            client_kwargs={"trust_env": False, "follow_redirects": False, "timeout": timeout},
            async_client_kwargs={"transport": wire},
        )

    async def answer(
        self, system: str, user: str, schema: Mapping[str, Any], options: Mapping[str, object], keep_alive: int
    ) -> AIMessage:
        """The message of the model, whose `response_metadata` is what the server says about it.

        It is asked for in one piece (`stream` is false), so that a time limit holds for the whole of it.
        """
        result = await self._agenerate(
            [SystemMessage(system), HumanMessage(user)],
            stream=False,
            format=dict(schema),
            options=dict(options),
            keep_alive=keep_alive,
        )
        generation = result.generations[0]
        message = generation.message
        assert isinstance(message, AIMessage)
        return message.model_copy(update={"response_metadata": dict(generation.generation_info or {})})
