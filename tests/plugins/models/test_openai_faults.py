from __future__ import annotations

import re
from typing import Any

import pytest

from fake_models import Fakes
from fake_server import (
    Reply,
    cut_reply,
    dribbling_reply,
    endless_reply,
    json_reply,
    no_reply,
    raw_reply,
    reset_reply,
)
from sllm_core.models.language_model import Completion, ModelRefused, ModelUnavailable


def completed(fakes: Fakes, chat: Reply, **config: object) -> Completion:
    model = fakes.openai_model(fakes.openai(chat), **config)
    (completion,) = fakes.ask(model, lambda: model.complete(fakes.prompt))
    return completion


def choice(fakes: Fakes, **more: object) -> dict[str, Any]:
    return {**fakes.completion, "choices": [{**fakes.choice, **more}]}


@pytest.mark.parametrize(
    ("chat", "says"),
    [
        (no_reply, "had not answered after 0.2 s"),
        (dribbling_reply, "had not answered after 0.2 s"),
        (reset_reply, "does not answer"),
        (raw_reply(b""), "an empty answer"),
        (raw_reply(b'{"choices": ['), "a broken answer"),
        (cut_reply(b'{"choices": ['), "does not answer"),
        (raw_reply(b"<html>", kind="text/html"), "text/html instead of JSON: is this the right address"),
        (json_reply({"choices": []}), "an answer that is none"),
        (json_reply({"choices": "?"}), "an answer that is none"),
        (json_reply({"error": {"message": "overloaded"}}, 503), "busy or away (status 503): overloaded"),
        (json_reply({"error": {"message": "slow down"}}, 429), "busy or away (status 429): slow down"),
        (raw_reply(b"", 500, "text/plain"), "broke off (status 500)"),
    ],
)
def test_what_may_pass_is_unavailable(fakes: Fakes, chat: Reply, says: str) -> None:
    with pytest.raises(ModelUnavailable, match=re.escape(says)):
        completed(fakes, chat, read_timeout="200ms")


@pytest.mark.parametrize(
    ("chat", "says"),
    [
        (json_reply({"error": {"message": "The model `tiny` does not exist."}}, 404), "has it a model tiny?"),
        (raw_reply(b"Not Found", 404, "text/plain"), "base_url usually ends with /v1"),
        (
            json_reply({"error": {"message": "maximum context length is 512"}}, 400),
            "more tokens than the server allows",
        ),
        (json_reply({"message": "bad grammar"}, 400), "refuses (status 400): bad grammar"),
        (json_reply({"detail": "no key"}, 401), "demands another key (status 401): no key; correct api_key"),
        (raw_reply(b"", 307, location="http://elsewhere:1/v1"), "redirects to http://elsewhere:1/v1"),
    ],
)
def test_what_stays_is_refused(fakes: Fakes, chat: Reply, says: str) -> None:
    with pytest.raises(ModelRefused, match=re.escape(says)):
        completed(fakes, chat)


def test_an_endless_answer_takes_bounded_memory(fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sllm_plugins.models.wire.LIMIT", 1 << 20)
    with pytest.raises(ModelUnavailable, match="answers without end: more than 1 MiB"):
        completed(fakes, endless_reply)


def test_nobody_there(fakes: Fakes) -> None:
    model = fakes.openai_model("http://127.0.0.1:1")
    with pytest.raises(ModelUnavailable, match=r"http://127.0.0.1:1/v1 does not answer: connection refused"):
        fakes.ask(model, lambda: model.complete(fakes.prompt))


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"finish_reason": "length"}, "was cut"),
        ({"finish_reason": None}, "broke the answer off"),
        ({"finish_reason": "content_filter"}, "ended with 'content_filter'"),
        ({"message": {"role": "assistant", "content": None, "refusal": "no"}}, "declined to answer"),
    ],
)
def test_a_loss_that_comes_with_status_200_is_not_finished(fakes: Fakes, more: dict[str, Any], says: str) -> None:
    completion = completed(fakes, json_reply(choice(fakes, **more)))
    assert not completion.finished
    assert says in completion.reason


def test_more_tokens_than_the_context_are_not_finished(fakes: Fakes) -> None:
    completion = completed(fakes, json_reply(fakes.completion), context=256)
    assert completion.finished
    more = {"usage": {"prompt_tokens": 250, "completion_tokens": 8, "total_tokens": 258}}
    completion = completed(fakes, json_reply({**fakes.completion, **more}), context=256)
    assert "258 tokens, more than the 256" in completion.reason


def test_log_probabilities_that_are_refused_are_not_asked_for_again(fakes: Fakes) -> None:
    server = fakes.openai(json_reply({"error": {"message": "top_logprobs is not supported"}}, 400))
    model = fakes.openai_model(server)

    async def twice() -> None:
        for _ in range(2):
            with pytest.raises(ModelRefused):
                await model.complete(fakes.prompt)

    fakes.ask(model, twice)
    asked = ["logprobs" in each.data for each in server.received]
    assert asked == [True, False, False]


def test_a_call_is_made_once_since_the_gateway_retries(fakes: Fakes) -> None:
    server = fakes.openai(json_reply({"error": {"message": "away"}}, 503))
    model = fakes.openai_model(server)
    with pytest.raises(ModelUnavailable):
        fakes.ask(model, lambda: model.complete(fakes.prompt))
    assert len(server.received) == 1


@pytest.mark.parametrize("content", [[{"token": "yes"}], [{"logprob": "?", "token": "a"}], [None], "text", [[]]])
def test_log_probabilities_that_are_none_are_left_out(fakes: Fakes, content: object) -> None:
    completion = completed(fakes, json_reply(choice(fakes, logprobs={"content": content})))
    assert (completion.finished, completion.tokens) == (True, None)
