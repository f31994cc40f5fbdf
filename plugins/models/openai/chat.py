"""LangChain's client of OpenAI's protocol, for servers of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from openai import OpenAIError
from pydantic import SecretStr

from sllm_core.models.language_model import ModelRefused, ModelUnavailable

ALTERNATIVES = 20
"""How many tokens the servers name at most in the place of each."""
NO_ANSWER = (OpenAIError, AttributeError, LookupError, TypeError, ValueError)
"""How the client fails when what it gets does not look like an answer."""
NO_KEY = "none"
"""The client insists on a key; the transport puts the real one in its place."""


class Chat(ChatOpenAI):
    """One question, one answer, nothing on the way.

    LangChain's own `invoke` reports each prompt to whatever tracer, cache or callback the environment or another
    library has switched on; `answer` passes all of that by.
    """

    @classmethod
    def through(cls, client: httpx.AsyncClient, url: str, model: str, seed: int, timeout: httpx.Timeout) -> Chat:
        """A client that sends everything through `client`; the gateway retries, so this does not."""
        return cls(
            model=model,
            base_url=url,
            api_key=SecretStr(NO_KEY),
            organization="",
            openai_proxy="",
            temperature=0,
            seed=seed,
            max_retries=0,
            timeout=timeout,
            use_responses_api=False,
            http_async_client=client,
        )

    async def answer(
        self, system: str, user: str, schema: Mapping[str, object], length: int, logprobs: bool
    ) -> AIMessage:
        """The message of the model, whose `response_metadata` is what the server says about it.

        The schema goes into the body as it is: given by name, the client would raise an error about an answer that was
        cut instead of returning it. `max_tokens` is the name that all servers know.

        Raises:
            ModelUnavailable, ModelRefused
        """
        body: dict[str, Any] = {
            "max_tokens": length,
            "response_format": {"type": "json_schema", "json_schema": dict(schema)},
        }
        if logprobs:
            body |= {"logprobs": True, "top_logprobs": ALTERNATIVES}
        try:
            result = await self._agenerate([SystemMessage(system), HumanMessage(user)], extra_body=body)
            generation = result.generations[0]
        except NO_ANSWER as error:
            if isinstance(error.__cause__, ModelRefused | ModelUnavailable):
                raise error.__cause__ from error
            what = f"{self.model_name}: the server sent an answer that is none ({type(error).__name__})"
            raise ModelUnavailable(what) from error
        message = generation.message
        assert isinstance(message, AIMessage)
        about = {**(result.llm_output or {}), **(generation.generation_info or {})}
        return message.model_copy(update={"response_metadata": {**message.response_metadata, **about}})
