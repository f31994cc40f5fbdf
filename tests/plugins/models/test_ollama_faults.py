from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

import pytest

from fake_models import Fakes
from fake_server import (
    Reply,
    Request,
    cut_reply,
    dribbling_reply,
    endless_reply,
    json_reply,
    no_reply,
    raw_reply,
    reset_reply,
)
from sllm_core.models.language_model import Completion, ModelRefused, ModelUnavailable

GOOD: dict[str, Any] = {"model": "tiny", "message": {"role": "assistant", "content": "{}"}, "done": True}
RUNNER = "model runner has unexpectedly stopped, this may be due to resource limitations"
BROKE = "an error was encountered while running the model: unexpected EOF"


def completed(fakes: Fakes, chat: Reply, **config: object) -> Completion:
    model = fakes.ollama_model(fakes.ollama(chat), **config)
    (completion,) = fakes.ask(model, lambda: model.complete(fakes.prompt))
    assert isinstance(completion, Completion)
    return completion


@pytest.mark.parametrize(
    ("chat", "says"),
    [
        (no_reply, "had not answered after 0.2 s"),
        (dribbling_reply, "had not answered after 0.2 s"),
        (reset_reply, "does not answer"),
        (raw_reply(b""), "an empty answer"),
        (raw_reply(b'{"message": {"content": "{'), "a broken answer"),
        (raw_reply(b"[" * 100_000), "a broken answer"),
        (raw_reply(b"[]"), "it is no object"),
        (cut_reply(b'{"message": {"content": "{'), "does not answer"),
        (raw_reply(b"<html>", kind="text/html"), "text/html instead of JSON: is this the right address"),
        (json_reply({"done": True}), "an answer that is none"),
        (json_reply({"error": "server busy, please try again"}, 503), "busy or away (status 503): server busy"),
        (raw_reply(b"<html>", 502, "text/html"), "busy or away (status 502)"),
        (json_reply({"error": RUNNER}, 500), "broke off: model runner has unexpectedly stopped"),
        (json_reply({"error": BROKE}, 500), "broke off: an error was encountered"),
    ],
)
def test_what_may_pass_is_unavailable(fakes: Fakes, chat: Reply, says: str) -> None:
    with pytest.raises(ModelUnavailable, match=says.replace("(", r"\(").replace(")", r"\)")):
        completed(fakes, chat, read_timeout="200ms")


@pytest.mark.parametrize(
    ("chat", "says"),
    [
        (json_reply({"error": "model 'tiny' not found"}, 404), "model 'tiny' not found; type: ollama pull tiny"),
        (raw_reply(b"404 page not found", 404, "text/plain"), "is there an Ollama at this address"),
        (json_reply({"error": "invalid JSON schema in format"}, 500), "invalid JSON schema in format"),
        (json_reply({"error": "the input length exceeds the context length"}, 400), "more tokens than num_ctx"),
        (json_reply({"error": "tiny does not support chat"}, 400), "does not support chat"),
        (json_reply({"error": "unauthorized"}, 401), "demands another key"),
        (raw_reply(b"", 301, location="http://elsewhere:1/api/chat"), "redirects to http://elsewhere:1/api/chat"),
    ],
)
def test_what_stays_is_refused(fakes: Fakes, chat: Reply, says: str) -> None:
    with pytest.raises(ModelRefused, match=says):
        completed(fakes, chat)


def test_an_endless_answer_takes_bounded_memory(fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sllm_plugins.models.wire.LIMIT", 1 << 20)
    with pytest.raises(ModelUnavailable, match="answers without end: more than 1 MiB"):
        completed(fakes, endless_reply)


def test_nobody_there(fakes: Fakes) -> None:
    model = fakes.ollama_model("http://127.0.0.1:1")
    with pytest.raises(ModelUnavailable, match=r"http://127.0.0.1:1 does not answer: connection refused"):
        fakes.ask(model, lambda: model.complete(fakes.prompt))


def test_no_such_host(fakes: Fakes) -> None:
    model = fakes.ollama_model("http://nowhere.invalid:11434")
    with pytest.raises(ModelUnavailable, match=r"http://nowhere.invalid:11434 does not answer"):
        fakes.ask(model, lambda: model.complete(fakes.prompt))


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"done_reason": "length", "eval_count": 32}, "cut after 32 tokens"),
        ({"done": False}, "as it does when a model repeats itself"),
        ({"done_reason": "stop", "prompt_eval_count": 4096}, "more than the 4096 tokens of num_ctx"),
        ({"done_reason": "stop", "prompt_eval_count": 4090, "eval_count": 7}, "more than the 4096 tokens of num_ctx"),
        ({"done_reason": "unload"}, "ended with 'unload'"),
    ],
)
def test_a_loss_that_comes_with_status_200_is_not_finished(fakes: Fakes, more: dict[str, Any], says: str) -> None:
    completion = completed(fakes, json_reply(GOOD | more))
    assert not completion.finished
    assert says in completion.reason


def test_an_answer_that_breaks_its_schema_is_left_to_the_gateway(fakes: Fakes) -> None:
    content = json.dumps({"answer": "maybe"})
    message = {"message": {"role": "assistant", "content": content}, "done_reason": "stop"}
    completion = completed(fakes, json_reply(GOOD | message))
    assert (completion.finished, completion.text, completion.tokens) == (True, content, None)


def test_a_model_that_vanishes_between_two_calls_is_refused(fakes: Fakes) -> None:
    server = fakes.ollama()
    model = fakes.ollama_model(server)

    async def second() -> None:
        server.routes["/api/chat"] = json_reply({"error": "model 'tiny' not found"}, 404)
        await model.complete(fakes.prompt)

    with pytest.raises(ModelRefused, match="ollama pull tiny"):
        fakes.ask(model, lambda: model.complete(fakes.prompt), second)


def test_after_a_failure_the_model_is_loaded_again(fakes: Fakes) -> None:
    server = fakes.ollama(json_reply({"error": RUNNER}, 500))
    model = fakes.ollama_model(server)

    async def twice() -> None:
        for _ in range(2):
            with pytest.raises(ModelUnavailable):
                await model.complete(fakes.prompt)

    fakes.ask(model, twice)
    assert [bool(each.data["messages"]) for each in server.received if each.path == "/api/chat"] == [False, True] * 2


def test_a_model_is_loaded_with_a_limit_of_its_own(fakes: Fakes) -> None:
    server = fakes.ollama()
    server.routes["/api/chat"] = no_reply
    model = fakes.ollama_model(server, load_timeout="100ms", read_timeout="1h")
    with pytest.raises(ModelUnavailable, match=r"had not answered after 0.1 s"):
        fakes.ask(model, lambda: model.complete(fakes.prompt))


def test_who_gives_up_does_not_make_the_server_stop_loading(fakes: Fakes) -> None:
    server, loading, go_on = fakes.ollama(), threading.Event(), threading.Event()

    async def slow(request: Request, writer: asyncio.StreamWriter) -> None:
        loading.set()
        await asyncio.to_thread(go_on.wait)
        await json_reply({**fakes.answer, "done_reason": "load"})(request, writer)
        server.routes["/api/chat"] = json_reply(fakes.answer)

    async def given_up() -> None:
        asking = asyncio.create_task(model.complete(fakes.prompt))
        await asyncio.to_thread(loading.wait)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        go_on.set()
        assert (await model.complete(fakes.prompt)).finished

    server.routes["/api/chat"] = slow
    model = fakes.ollama_model(server)
    fakes.ask(model, given_up)
    chats = [each.data for each in server.received if each.path == "/api/chat"]
    assert [len(each["messages"]) for each in chats] == [0, 2]


def test_a_model_may_be_closed_while_it_loads(fakes: Fakes) -> None:
    server = fakes.ollama()
    server.routes["/api/chat"] = no_reply
    model = fakes.ollama_model(server)

    async def given_up() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await model.complete(fakes.prompt)

    fakes.ask(model, given_up)
