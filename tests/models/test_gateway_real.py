"""The gateway before a real Ollama, with a small Llama of random weights."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from sllm_core.models import Gateway, Limits, ModelUnavailable, Prompt, Reply, label_probabilities
from sllm_core.store import Store
from sllm_plugins.models.ollama import OllamaConfig
from sllm_plugins.models.ollama.model import OllamaModel

Ask = Callable[..., Prompt]


def test_what_a_real_server_answers_is_valid_sure_to_some_degree_and_kept(
    ollama_url: str, tiny_tag: str, question: Ask, tmp_path: Path
) -> None:
    async def ask(store: Store) -> list[Reply]:
        model = OllamaModel("ollama", OllamaConfig(url=ollama_url, model=tiny_tag))
        gateway = Gateway(model, Limits(concurrency=2), store)
        try:
            prompts = [question(f"disk {number} % full") for number in range(4)]
            replies = await asyncio.gather(*map(gateway.ask, prompts))
            return [*replies, await gateway.ask(prompts[0])]
        finally:
            await gateway.close()

    with Store(tmp_path) as store:
        *replies, again = asyncio.run(ask(store))
    assert (again.cached, again.text, again.model) == (True, replies[0].text, replies[0].model)
    assert again.model.startswith(f"{tiny_tag}@")
    for each in replies:
        odds = label_probabilities(each.text, each.tokens, "label", ("good", "bad"))
        assert each.values["label"] in ("good", "bad") and odds is not None and sum(odds) == pytest.approx(1)


def test_a_server_that_is_not_there_is_told_and_left_alone(question: Ask) -> None:
    async def ask() -> None:
        gateway = Gateway(OllamaModel("ollama", OllamaConfig(url="http://127.0.0.1:9")), Limits(backoff=0.001))
        try:
            for _ in range(2):
                with pytest.raises(ModelUnavailable):
                    await gateway.ask(question(), patience=0.5)
            assert (gateway.state, "127.0.0.1:9" in gateway.reason) == ("open", True)
        finally:
            await gateway.close()

    asyncio.run(ask())
