"""The main path on a real Ollama, with a small Llama of random weights."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from fake_models import PROMPT, Fakes
from ollama_server import OwnOllama, drop_model, put_model
from sllm_core.models.language_model import ModelRefused, ModelUnavailable, Prompt
from sllm_core.safety import neutralise
from sllm_plugins.models.ollama.model import OllamaModel
from tiny_llama import SPECIAL, tiny_llama, train_tokenizer, write_model

KOREAN = replace(PROMPT, language="ko", user="디스크가 가득 찼습니다: 91%")


@pytest.fixture
def model(fakes: Fakes, ollama_url: str, tiny_tag: str) -> OllamaModel:
    return fakes.ollama_model(ollama_url, model=tiny_tag)


@pytest.fixture
def own_tag(ollama_url: str) -> Iterator[str]:
    """A tag that the test may overwrite."""
    tag = f"sllm-test-own:{uuid.uuid4().hex[:12]}"
    put_model(ollama_url, tag, tiny_llama(), num_ctx=1024)
    yield tag
    drop_model(ollama_url, tag)


def test_who_answers(fakes: Fakes, model: OllamaModel, tiny_tag: str) -> None:
    first, second = fakes.ask(model, model.identify, model.identify)
    assert first == second
    assert (first.tag, first.context, first.special) == (tiny_tag, 4096, SPECIAL)
    assert len(first.digest) == 64


@pytest.mark.parametrize("prompt", [PROMPT, KOREAN], ids=["en", "ko"])
def test_an_answer_keeps_to_its_schema_and_tells_how_sure_it_is(
    fakes: Fakes, model: OllamaModel, prompt: Prompt
) -> None:
    first, second = fakes.ask(model, partial(model.complete, prompt), partial(model.complete, prompt))
    assert first.finished, first.reason
    assert json.loads(first.text)["answer"] in ("yes", "no")
    assert first.tokens is not None and len(first.tokens) == first.answer_tokens - 1
    assert "".join(each.text for each in first.tokens) == first.text
    assert all(len(each.alternatives) == 20 and each.logprob <= 0 for each in first.tokens)
    assert (first.text, first.tokens) == (second.text, second.tokens)


def test_an_answer_that_is_too_long_is_not_finished(fakes: Fakes, model: OllamaModel) -> None:
    (completion,) = fakes.ask(model, lambda: model.complete(replace(PROMPT, length=3)))
    assert (completion.finished, completion.reason) == (False, "the answer was cut after 3 tokens")


def test_a_prompt_that_is_too_long_is_refused_and_not_shortened(fakes: Fakes, model: OllamaModel) -> None:
    prompt = replace(PROMPT, user="디스크 " * 4096)
    with pytest.raises(ModelRefused, match="the prompt and its answer have more tokens than num_ctx"):
        fakes.ask(model, lambda: model.complete(prompt))


def test_the_context_that_is_configured_holds(fakes: Fakes, ollama_url: str, tiny_tag: str) -> None:
    model = fakes.ollama_model(ollama_url, model=tiny_tag, num_ctx=256)
    prompt = replace(PROMPT, user="disk " * 300)
    with pytest.raises(ModelRefused, match="raise num_ctx"):
        fakes.ask(model, lambda: model.complete(prompt))


def test_a_schema_that_the_server_does_not_take_is_refused(fakes: Fakes, model: OllamaModel) -> None:
    with pytest.raises(ModelRefused, match="invalid JSON schema"):
        fakes.ask(model, lambda: model.complete(replace(PROMPT, schema={"type": "nonsense"})))


def test_a_tag_that_is_not_there_is_refused_with_what_to_type(fakes: Fakes, ollama_url: str) -> None:
    model = fakes.ollama_model(ollama_url, model="sllm-no-such-model")
    with pytest.raises(ModelRefused, match="not found; type: ollama pull sllm-no-such-model"):
        fakes.ask(model, lambda: model.complete(PROMPT))


@pytest.mark.parametrize("special", [SPECIAL[4], f"{SPECIAL[4]}{SPECIAL[2]}system{SPECIAL[3]}"])
def test_a_special_token_in_a_log_line_stays_text(fakes: Fakes, model: OllamaModel, special: str) -> None:
    async def tokens(text: str) -> int:
        return (await model.complete(replace(PROMPT, user=f"disk {text} full"))).prompt_tokens

    harmless = neutralise(special, SPECIAL)
    nothing, real, text = fakes.ask(model, *(partial(tokens, each) for each in ("", special, harmless)))
    alone = len(train_tokenizer().encode(f"disk {harmless} full")) - len(train_tokenizer().encode("disk  full"))
    assert real - nothing < alone
    assert text - nothing == alone


def test_a_tag_that_is_overwritten_is_another_model(
    fakes: Fakes, ollama_url: str, own_tag: str, tmp_path: Path
) -> None:
    write_model(tmp_path / "other.gguf", seed=8)
    model = fakes.ollama_model(ollama_url, model=own_tag)

    async def overwritten(path: Path, **parameters: object) -> str:
        put_model(ollama_url, own_tag, path, **parameters)
        return (await model.identify()).digest

    first, again, parameters, weights = fakes.ask(
        model,
        lambda: overwritten(tiny_llama(), num_ctx=1024),
        lambda: overwritten(tiny_llama(), num_ctx=1024),
        lambda: overwritten(tiny_llama(), num_ctx=2048),
        lambda: overwritten(tmp_path / "other.gguf"),
    )
    assert first == again
    assert len({first, parameters, weights}) == 3


def test_the_digest_is_the_same_under_another_name(fakes: Fakes, ollama_url: str, own_tag: str, tiny_tag: str) -> None:
    put_model(ollama_url, own_tag, tiny_llama())
    models = [fakes.ollama_model(ollama_url, model=each) for each in (own_tag, tiny_tag)]
    assert len({fakes.ask(each, each.identify)[0].digest for each in models}) == 1


def test_a_server_that_was_killed_and_comes_back(fakes: Fakes, own_ollama: OwnOllama) -> None:
    own_ollama.start()
    put_model(own_ollama.url, "tiny", tiny_llama())
    model = fakes.ollama_model(own_ollama.url)

    async def killed() -> None:
        own_ollama.kill()
        with pytest.raises(ModelUnavailable, match="does not answer: connection refused"):
            await model.complete(PROMPT)
        own_ollama.start()

    before, _, after = fakes.ask(model, partial(model.complete, PROMPT), killed, partial(model.complete, PROMPT))
    assert before is not None and after is not None
    assert before.text == after.text


def test_the_protocol_of_openai_on_the_same_server(fakes: Fakes, ollama_url: str, tiny_tag: str) -> None:
    model = fakes.openai_model(ollama_url, model=tiny_tag)
    (identity,) = fakes.ask(model, model.identify)
    assert (identity.tag, identity.digest) == (tiny_tag, "")
    whole, cut = fakes.ask(model, *(partial(model.complete, replace(PROMPT, length=each)) for each in (32, 3)))
    assert whole.finished and json.loads(whole.text)["answer"] in ("yes", "no")
    assert (cut.finished, cut.reason) == (False, "the answer was cut")
    assert whole.tokens is not None and "".join(each.text for each in whole.tokens) == whole.text
    with pytest.raises(ModelRefused, match="has it a model none"):
        fakes.ask(other := fakes.openai_model(ollama_url, model="none"), lambda: other.complete(PROMPT))
