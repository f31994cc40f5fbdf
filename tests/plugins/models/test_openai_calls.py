"""What is sent to OpenAI-compatible servers, and what is made of their answers."""

from __future__ import annotations

import json

import pytest

from fake_models import Fakes
from fake_server import json_reply
from sllm_core.models.language_model import Completion, Identity, ModelRefused, Token
from sllm_core.settings import SettingsError, settings_from
from sllm_plugins.models.openai.listing import Listed


def test_a_prompt_is_sent_with_its_schema(fakes: Fakes) -> None:
    model = fakes.openai_model(fakes.openai())
    fakes.ask(model, lambda: model.complete(fakes.prompt))
    body = fakes.open[0].received[-1].data
    told = {"name": "judge", "strict": True, "schema": fakes.prompt.schema}
    assert body.pop("response_format") == {"type": "json_schema", "json_schema": told}
    assert [each["content"] for each in body.pop("messages")] == ["Answer in JSON.", "disk full"]
    assert body == {
        "model": "tiny",
        "temperature": 0.0,
        "seed": 7,
        "max_tokens": 32,
        "logprobs": True,
        "top_logprobs": 20,
    } | ({"stream": False} if "stream" in body else {})


def test_an_answer_comes_with_what_the_server_counted(fakes: Fakes) -> None:
    model = fakes.openai_model(fakes.openai())
    (completion,) = fakes.ask(model, lambda: model.complete(fakes.prompt))
    tokens = (Token("yes", -0.1, (("no", -2.3),)),)
    assert completion == Completion(
        '{"answer": "yes"}', tokens=tokens, prompt_tokens=40, answer_tokens=8, seconds=completion.seconds
    )


def test_a_server_without_log_probabilities_gives_none(fakes: Fakes) -> None:
    choice = {**fakes.choice, "logprobs": None}
    model = fakes.openai_model(fakes.openai(json_reply({**fakes.completion, "choices": [choice]})))
    (completion,) = fakes.ask(model, lambda: model.complete(fakes.prompt))
    assert (completion.finished, completion.tokens) == (True, None)


def test_vllm_tells_its_context_and_the_path_of_the_weights(fakes: Fakes) -> None:
    model = fakes.openai_model(fakes.openai())
    (identity,) = fakes.ask(model, model.identify)
    assert identity == Identity("tiny", identity.digest, 4, 8192)
    assert len(identity.digest) == 64


def test_a_lora_adapter_is_another_model_than_the_one_below_it(fakes: Fakes) -> None:
    below, adapter = Listed("tiny", fakes.listed), Listed("tiny", {**fakes.listed, "parent": "large"})
    assert below.digest != adapter.digest


def test_llama_server_tells_more_under_another_path(fakes: Fakes) -> None:
    listed = {"id": "tiny", "owned_by": "llamacpp", "meta": {"n_params": 8_000_000_000}}
    props = {"total_slots": 2, "model_path": "/m/tiny.gguf", "default_generation_settings": {"n_ctx": 2048}}
    server = fakes.openai(**{"v1/models": json_reply({"data": [listed]}), "props": json_reply(props)})
    model = fakes.openai_model(server)
    (identity,) = fakes.ask(model, model.identify)
    assert (identity.parallel, identity.context) == (2, 2048)
    assert identity.digest == Listed("tiny", {**listed, **props}).digest


def test_llama_server_may_keep_its_properties_to_itself(fakes: Fakes) -> None:
    listed = json_reply({"data": [{"id": "tiny", "owned_by": "llamacpp"}]})
    model = fakes.openai_model(fakes.openai(**{"v1/models": listed}), context=1024, parallel=7)
    (identity,) = fakes.ask(model, model.identify)
    assert identity == Identity("tiny", "", 7, 1024)


def test_a_model_that_is_not_there(fakes: Fakes) -> None:
    model = fakes.openai_model(fakes.openai(), model="large")
    with pytest.raises(ModelRefused, match="the server has no model large; it has tiny"):
        fakes.ask(model, model.identify)


def test_the_address_and_the_model_must_be_given() -> None:
    with pytest.raises(SettingsError) as caught:
        settings_from({"plugins": {"openai": {}}})
    text = str(caught.value)
    assert "plugins.openai.base_url: missing; set it, or the variable SLLM_PLUGINS__OPENAI__BASE_URL" in text
    assert "plugins.openai.model: missing" in text


def test_a_missing_extra_is_one_line_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    from sllm_core.loader import load_plugins

    monkeypatch.setattr("sllm_plugins.models.openai.find_spec", lambda name: None)
    section = {"base_url": "http://localhost:1/v1", "model": "tiny"}
    with pytest.raises(SettingsError) as caught:
        load_plugins(settings_from({"plugins": {"openai": section}}))
    assert str(caught.value).count("\n") == 0
    assert "it needs langchain-openai: pip install 'sllm[openai]'" in str(caught.value)


def test_the_key_is_a_secret() -> None:
    section = {"base_url": "http://localhost:1/v1", "model": "tiny"}
    settings = settings_from({"plugins": {"openai": section}}, environ={"OPENAI_API_KEY": "made-up"})
    assert "made-up" not in json.dumps(settings.values.model_dump(mode="json"))
