"""Nothing but the server that was configured gets a prompt, whatever the environment says."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial

import pytest

from fake_models import Fakes
from fake_server import FakeServer, json_reply, raw_reply
from sllm_core.models.language_model import LanguageModel, ModelRefused, Prompt

KINDS = ("ollama", "openai")
PROGRAM = """
import asyncio
from fake_models import Fakes
fakes = Fakes()
model = fakes.{kind}_model("{url}")
assert fakes.ask(model, lambda: model.complete(fakes.prompt))[0].finished
"""


def tracing(url: str) -> dict[str, str]:
    """An environment that has LangChain tell everything to a server, in old and new ways."""
    prefixes = ("LANGSMITH", "LANGCHAIN")
    switches = {f"{each}_{name}": "true" for each in prefixes for name in ("TRACING", "TRACING_V2")}
    servers = {f"{each}_ENDPOINT": url for each in prefixes} | {f"{each}_API_KEY": "key" for each in prefixes}
    path = os.pathsep.join(filter(None, sys.path))
    return {**switches, **servers, "LANGCHAIN_CALLBACKS_BACKGROUND": "false", "PYTHONPATH": path}


def made(fakes: Fakes, kind: str, **config: object) -> LanguageModel:
    if kind == "ollama":
        return fakes.ollama_model(fakes.ollama(), **config)
    return fakes.openai_model(fakes.openai(), **config)


@pytest.fixture
def elsewhere(fakes: Fakes) -> FakeServer:
    """A server that takes anything."""
    return fakes.openai(json_reply({}))


@pytest.mark.parametrize("kind", KINDS)
def test_no_tracer_gets_a_prompt(fakes: Fakes, kind: str, elsewhere: FakeServer) -> None:
    made(fakes, kind)
    program = PROGRAM.format(kind=kind, url=fakes.open[-1].url)
    done = subprocess.run([sys.executable, "-c", program], env={**os.environ, **tracing(elsewhere.url)}, check=True)
    assert done.returncode == 0
    assert [each.path for each in fakes.open[-1].received if "disk full" in each.body.decode()] != []
    assert elsewhere.received == []


@pytest.mark.parametrize("kind", KINDS)
def test_this_machine_is_asked_past_the_proxy(
    fakes: Fakes, kind: str, elsewhere: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "OPENAI_PROXY"):
        monkeypatch.setenv(name, elsewhere.url)
    model = made(fakes, kind)
    assert fakes.ask(model, lambda: model.complete(fakes.prompt))[0].finished
    assert elsewhere.received == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_redirect_is_not_followed(fakes: Fakes, kind: str, elsewhere: FakeServer) -> None:
    away = raw_reply(b"", 308, location=f"{elsewhere.url}/api/chat")
    model: LanguageModel = (
        fakes.ollama_model(fakes.ollama(away)) if kind == "ollama" else fakes.openai_model(fakes.openai(away))
    )
    with pytest.raises(ModelRefused, match="redirects to"):
        fakes.ask(model, lambda: model.complete(fakes.prompt))
    assert elsewhere.received == []


@pytest.mark.parametrize("kind", KINDS)
def test_other_addresses_of_the_environment_are_not_heard(
    fakes: Fakes, kind: str, elsewhere: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OLLAMA_HOST", "OPENAI_BASE_URL", "OPENAI_API_BASE"):
        monkeypatch.setenv(name, elsewhere.url)
    model = made(fakes, kind)
    assert fakes.ask(model, lambda: model.complete(fakes.prompt))[0].finished
    assert elsewhere.received == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_goes_to_its_server_and_only_if_configured(
    fakes: Fakes, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", "of the environment")
    monkeypatch.setenv("OPENAI_API_KEY", "of the environment")
    for key, sent in (("of the file", "Bearer of the file"), ("", None)):
        fakes.ask(model := made(fakes, kind, api_key=key), partial(model.complete, fakes.prompt))
        assert {each.headers.get("authorization") for each in fakes.open[-1].received} == {sent}


@pytest.mark.parametrize("kind", KINDS)
def test_half_a_surrogate_pair_does_not_reach_the_client(fakes: Fakes, kind: str) -> None:
    model = made(fakes, kind)
    prompt = Prompt("judge", "1", "en", "Answer \ud800.", "disk \udcff full \x00", fakes.prompt.schema)
    assert fakes.ask(model, lambda: model.complete(prompt))[0].finished
    contents = [each["content"] for each in fakes.open[-1].received[-1].data["messages"]]
    assert contents == ["Answer ?.", "disk ? full \x00"]


def test_a_model_that_runs_elsewhere_is_refused_unless_allowed(fakes: Fakes) -> None:
    show = json_reply({**fakes.show, "remote_host": "https://ollama.com", "remote_model": "large"})
    model = fakes.ollama_model(fakes.ollama(show=show))
    with pytest.raises(ModelRefused, match=r"runs at https://ollama.com: prompts would leave your machines"):
        fakes.ask(model, lambda: model.complete(fakes.prompt))
    assert [each.path for each in fakes.open[0].received] == ["/api/show"]
    model = fakes.ollama_model(fakes.ollama(show=show), remote=True)
    assert fakes.ask(model, lambda: model.complete(fakes.prompt))[0].finished
