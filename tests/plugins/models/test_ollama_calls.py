"""What is sent to Ollama, and what is made of its answers."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest

from fake_models import ANSWER, Fakes
from fake_server import json_reply
from sllm_core.models.language_model import Completion, Identity, ModelRefused, Prompt, Token
from sllm_core.settings import load_settings, settings_from
from sllm_plugins.models.ollama import OllamaConfig


def test_a_prompt_is_sent_with_every_option_that_a_tag_could_set(fakes: Fakes) -> None:
    model = fakes.ollama_model(fakes.ollama(), num_thread=4)
    fakes.ask(model, lambda: model.complete(fakes.prompt))
    body = fakes.open[0].received[-1].data
    assert body.pop("messages") == [
        {"role": "system", "content": "Answer in JSON."},
        {"role": "user", "content": "disk full"},
    ]
    assert body.pop("format") == fakes.prompt.schema
    assert body.pop("options") == {
        "num_ctx": 4096,
        "num_thread": 4,
        "num_predict": 32,
        "temperature": 0,
        "seed": 7,
        "repeat_penalty": 1.0,
        "presence_penalty": 0.0,
        "frequency_penalty": 0.0,
    }
    assert body == {
        "model": "tiny",
        "stream": False,
        "think": False,
        "tools": [],
        "logprobs": True,
        "top_logprobs": 20,
        "keep_alive": 1800,
        "truncate": False,
        "shift": False,
    }


def test_the_model_is_loaded_once_with_the_same_load_options(fakes: Fakes) -> None:
    model = fakes.ollama_model(fakes.ollama(), num_thread=4)
    other = Prompt("explain", "1", "ko", "System", "User", fakes.prompt.schema, 64)
    fakes.ask(model, *(partial(model.complete, each) for each in (fakes.prompt, other)))
    chats = [each.data for each in fakes.open[0].received if each.path == "/api/chat"]
    assert [len(each["messages"]) for each in chats] == [0, 2, 2]
    assert {(each["options"]["num_ctx"], each["options"]["num_thread"]) for each in chats} == {(4096, 4)}
    assert {each["keep_alive"] for each in chats} == {1800}


def test_calls_at_once_load_the_model_once(fakes: Fakes) -> None:
    model = fakes.ollama_model(fakes.ollama())

    async def together() -> list[Completion]:
        return await asyncio.gather(*(model.complete(fakes.prompt) for _ in range(5)))

    ((*completions,),) = fakes.ask(model, together)
    assert all(each.finished for each in completions)
    assert [each.path for each in fakes.open[0].received].count("/api/show") == 1


def test_an_answer_comes_with_what_the_server_counted(fakes: Fakes) -> None:
    model = fakes.ollama_model(fakes.ollama())
    (completion,) = fakes.ask(model, lambda: model.complete(fakes.prompt))
    assert completion == Completion(
        text='{"answer": "yes"}',
        tokens=(Token("yes", -0.1, (("no", -2.3),)),),
        prompt_tokens=40,
        answer_tokens=8,
        seconds=0.05,
    )


def test_who_answers(fakes: Fakes) -> None:
    model = fakes.ollama_model(fakes.ollama(), num_ctx=16384, parallel=3)
    first, second = fakes.ask(model, model.identify, model.identify)
    assert first == second == Identity("tiny", first.digest, 3, 8192, ("<|eot_id|>", "<table>"))
    assert len(first.digest) == 64
    shown = [each.data.get("verbose", False) for each in fakes.open[0].received]
    assert shown == [False, True, False]


def test_parallel_calls_are_those_of_the_environment(fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_NUM_PARALLEL", "2")
    assert fakes.ollama_model("http://localhost:1").parallel == 2
    assert fakes.ollama_model("http://localhost:1", parallel=3).parallel == 3
    monkeypatch.setenv("OLLAMA_NUM_PARALLEL", "auto")
    assert fakes.ollama_model("http://localhost:1").parallel == 1


def test_without_blobs_the_digest_is_that_of_the_tag(fakes: Fakes) -> None:
    model = fakes.ollama_model(fakes.ollama(show=json_reply({"model_info": {}})))
    (identity,) = fakes.ask(model, model.identify)
    assert (identity.digest, identity.context, identity.special) == ("b" * 64, 4096, ())


def test_a_model_that_answers_no_prompts_is_refused(fakes: Fakes) -> None:
    model = fakes.ollama_model(fakes.ollama(show=json_reply({**fakes.show, "capabilities": ["embedding"]})))
    with pytest.raises(ModelRefused, match="answers no prompts, it can embedding only"):
        fakes.ask(model, model.identify)


def test_an_answer_that_fits_no_context_is_not_asked_for(fakes: Fakes) -> None:
    model = fakes.ollama_model(fakes.ollama(), num_ctx=256)
    prompt = Prompt("judge", "1", "en", "", "", fakes.prompt.schema, 256)
    with pytest.raises(ModelRefused, match="256 tokens leaves no room for a prompt in the 256 of num_ctx"):
        fakes.ask(model, lambda: model.complete(prompt))


def test_a_model_may_be_closed_unused_and_used_again(fakes: Fakes) -> None:
    model = fakes.ollama_model(fakes.ollama())
    fakes.ask(model)
    fakes.ask(model, lambda: model.complete(fakes.prompt))
    assert fakes.ask(model, lambda: model.complete(fakes.prompt))[0].text == ANSWER["message"]["content"]


def test_the_names_that_users_have_in_their_environment() -> None:
    environ = {"OLLAMA_API_URL": "http://gpu:11434/", "OLLAMA_MODEL": "llama3:8b"}
    config = settings_from({"plugins": {"ollama": {}}}, environ=environ).plugins[0].config
    assert isinstance(config, OllamaConfig)
    assert (config.url, config.model) == ("http://gpu:11434", "llama3:8b")


def test_the_default_is_llama3_on_this_machine() -> None:
    config = OllamaConfig()
    assert (config.url, config.model) == ("http://localhost:11434", "llama3")


def test_the_example_is_valid() -> None:
    example = Path(__file__).parents[3] / "examples" / "ollama.toml"
    settings = load_settings(example, environ={})
    (config,) = (each.config for each in settings.plugins if each.section == "ollama")
    assert config == OllamaConfig()
