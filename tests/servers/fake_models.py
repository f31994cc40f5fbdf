"""A fake Ollama and a fake OpenAI-compatible server that behave well, but for the paths that a test replaces."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from fake_server import FakeServer, Reply, Request, json_reply
from sllm_core.models.language_model import LanguageModel, Prompt
from sllm_plugins.models.ollama import OllamaConfig
from sllm_plugins.models.ollama.model import OllamaModel
from sllm_plugins.models.openai import OpenAIConfig
from sllm_plugins.models.openai.model import OpenAIModel

T = TypeVar("T")
BLOB = "a" * 64
SHOW: dict[str, Any] = {
    "modelfile": f"# FROM tiny\n\nFROM /models/sha256-{BLOB}\nTEMPLATE x\n",
    "parameters": "stop  x\nnum_ctx  2048",
    "template": "{{ .Prompt }}",
    "details": {"parameter_size": "8.0B", "quantization_level": "Q4_0"},
    "model_info": {
        "general.architecture": "llama",
        "llama.context_length": 8192,
        "tokenizer.ggml.tokens": ["<|eot_id|>", "word", "▁▁", "<table>"],
        "tokenizer.ggml.token_type": [3, 1, 4, 4],
    },
    "capabilities": ["completion"],
}
ANSWER: dict[str, Any] = {
    "model": "tiny",
    "message": {"role": "assistant", "content": '{"answer": "yes"}'},
    "done": True,
    "done_reason": "stop",
    "prompt_eval_count": 40,
    "prompt_eval_duration": 20_000_000,
    "eval_count": 8,
    "eval_duration": 30_000_000,
    "logprobs": [{"token": "yes", "logprob": -0.1, "top_logprobs": [{"token": "no", "logprob": -2.3}]}],
}
CHOICE: dict[str, Any] = {
    "index": 0,
    "finish_reason": "stop",
    "message": {"role": "assistant", "content": '{"answer": "yes"}'},
    "logprobs": {"content": [{"token": "yes", "logprob": -0.1, "top_logprobs": [{"token": "no", "logprob": -2.3}]}]},
}
COMPLETION: dict[str, Any] = {
    "id": "1",
    "object": "chat.completion",
    "created": 1,
    "model": "tiny",
    "choices": [CHOICE],
    "usage": {"prompt_tokens": 40, "completion_tokens": 8, "total_tokens": 48},
}
LISTED: dict[str, Any] = {"id": "tiny", "object": "model", "owned_by": "vllm", "root": "/m/tiny", "max_model_len": 8192}
SCHEMA = {
    "type": "object",
    "properties": {"answer": {"enum": ["yes", "no"]}},
    "required": ["answer"],
    "additionalProperties": False,
}
PROMPT = Prompt("judge", "1", "en", "Answer in JSON.", "disk full", SCHEMA, 32)


class Fakes:
    """Makes fake servers and models that ask them, and asks the models."""

    prompt = PROMPT
    show = SHOW
    answer = ANSWER
    choice = CHOICE
    completion = COMPLETION
    listed = LISTED

    def __init__(self) -> None:
        self.open: list[FakeServer] = []

    def ollama(self, chat: Reply | None = None, **more: Reply) -> FakeServer:
        """A fake Ollama whose model loads at once and answers prompts with `chat`; `more` is by the end of a path."""
        routes = {
            "/api/version": json_reply({"version": "0.24.0"}),
            "/api/tags": json_reply({"models": [{"name": "tiny:latest", "digest": "b" * 64}]}),
            "/api/show": json_reply(SHOW),
            "/api/chat": _loaded_or(chat or json_reply(ANSWER)),
        }
        return self._open(routes | {f"/api/{name}": reply for name, reply in more.items()})

    def openai(self, chat: Reply | None = None, **more: Reply) -> FakeServer:
        """A fake server of OpenAI's protocol that answers prompts with `chat`."""
        routes = {"/v1/models": json_reply({"data": [LISTED]}), "/v1/chat/completions": chat or json_reply(COMPLETION)}
        return self._open(routes | {f"/{name}": reply for name, reply in more.items()})

    def ollama_model(self, server: FakeServer | str, **config: object) -> OllamaModel:
        url = server if isinstance(server, str) else server.url
        return OllamaModel("ollama", OllamaConfig.model_validate({"url": url, "model": "tiny", **config}))

    def openai_model(self, server: FakeServer | str, **config: object) -> OpenAIModel:
        pytest.importorskip("langchain_openai", reason="needs the extra openai: pip install 'sllm[openai]'")
        url = server if isinstance(server, str) else server.url
        return OpenAIModel("openai", OpenAIConfig.model_validate({"base_url": f"{url}/v1", "model": "tiny", **config}))

    def ask(self, model: LanguageModel, *calls: Callable[[], Awaitable[T]]) -> list[T]:
        """What the calls return, one after another in one loop; then the model is closed."""

        async def scene() -> list[T]:
            try:
                return [await call() for call in calls]
            finally:
                await model.close()

        return asyncio.run(scene())

    def close(self) -> None:
        """Stop all servers."""
        for server in self.open:
            server.__exit__()

    def _open(self, routes: dict[str, Reply]) -> FakeServer:
        server = FakeServer(routes).__enter__()
        self.open.append(server)
        return server


def _loaded_or(chat: Reply) -> Reply:
    async def reply(request: Request, writer: asyncio.StreamWriter) -> None:
        loading = json_reply({**ANSWER, "done_reason": "load"})
        await (chat if request.data.get("messages") else loading)(request, writer)

    return reply
