"""What `sllm check --connect` tells about models."""

from __future__ import annotations

import asyncio

import pytest

from fake_models import ANSWER, Fakes
from fake_server import json_reply, no_reply
from sllm_core.diagnosis import Connected, Diagnosis
from sllm_plugins.models.ollama.model import OllamaModel


def told(fakes: Fakes, model: Connected) -> Diagnosis:
    async def scene() -> Diagnosis:
        return await model.diagnose()

    return asyncio.run(scene())


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("ollama", "openai"):
        monkeypatch.setattr(f"sllm_plugins.models.{kind}.diagnosis.PATIENCE", 2)


def test_an_ollama_that_is_ready(fakes: Fakes) -> None:
    model = fakes.ollama_model(fakes.ollama(), num_ctx=16384)
    diagnosis = told(fakes, model)
    assert dict(diagnosis.facts) == {
        "server": "Ollama 0.24.0",
        "model": "tiny, 8.0B, Q4_0",
        "weights": fakes.ask(model, model.identify)[0].digest[:12],
        "context": "8192 tokens, trained on 8192",
        "parallel": "1 call at a time",
        "log-probabilities": "yes",
    }
    assert (diagnosis.address, diagnosis.problem) == (fakes.open[0].url, "")


def test_nobody_there(fakes: Fakes) -> None:
    diagnosis = told(fakes, fakes.ollama_model("http://user:word@127.0.0.1:1"))
    assert diagnosis.problem == "http://user:***@127.0.0.1:1 does not answer: connection refused"
    assert diagnosis.remedies == (
        "type: ollama serve",
        "set url in [plugins.ollama], or OLLAMA_API_URL, to where it runs",
    )
    assert diagnosis.address == "http://user:***@127.0.0.1:1"


def test_another_machine_must_let_others_in(fakes: Fakes) -> None:
    diagnosis = told(fakes, fakes.ollama_model("http://gpu.invalid:11434"))
    assert diagnosis.remedies[0] == "on gpu.invalid, type: OLLAMA_HOST=0.0.0.0 ollama serve"


def test_a_model_that_is_not_there(fakes: Fakes) -> None:
    diagnosis = told(fakes, fakes.ollama_model(fakes.ollama(), model="tinny"))
    assert diagnosis.problem == "the server has no model tinny"
    assert diagnosis.remedies == (
        "type: ollama pull tinny",
        "set model in [plugins.ollama], or OLLAMA_MODEL, to what is there: tiny:latest; did you mean tiny:latest?",
    )


def test_another_section_has_no_variables(fakes: Fakes) -> None:
    config = fakes.ollama_model(fakes.ollama(), model="tinny").config
    diagnosis = told(fakes, OllamaModel("ollama-b", config))
    assert diagnosis.remedies[1].startswith("set model in [plugins.ollama-b] to what is there")


def test_a_server_with_no_model_at_all(fakes: Fakes) -> None:
    server = fakes.ollama(tags=json_reply({"models": []}))
    assert told(fakes, fakes.ollama_model(server)).remedies == ("type: ollama pull tiny",)


def test_a_server_that_says_nothing(fakes: Fakes, impatient: None) -> None:
    diagnosis = told(fakes, fakes.ollama_model(fakes.ollama(version=no_reply)))
    assert diagnosis.problem == "the server had not answered after 2 s"


def test_a_model_that_takes_long_to_load_is_no_problem(fakes: Fakes, impatient: None) -> None:
    diagnosis = told(fakes, fakes.ollama_model(fakes.ollama(no_reply)))
    assert diagnosis.problem == ""
    assert dict(diagnosis.facts)["log-probabilities"].startswith("not known: the model was not ready")


def test_a_model_that_cannot_be_loaded_is_one(fakes: Fakes) -> None:
    said = {"error": "model requires more system memory (9 GiB) than is available (4 GiB)"}
    diagnosis = told(fakes, fakes.ollama_model(fakes.ollama(json_reply(said, 500))))
    assert "requires more system memory" in diagnosis.problem
    assert dict(diagnosis.facts)["server"] == "Ollama 0.24.0"


def test_a_server_without_log_probabilities(fakes: Fakes) -> None:
    answer = {**ANSWER, "logprobs": None}
    diagnosis = told(fakes, fakes.ollama_model(fakes.ollama(json_reply(answer))))
    assert dict(diagnosis.facts)["log-probabilities"] == "no: confidence will be missing"


def test_what_is_no_ollama(fakes: Fakes) -> None:
    diagnosis = told(fakes, fakes.ollama_model(fakes.openai()))
    assert diagnosis.problem.endswith("does not know /api/version: is there an Ollama at this address?")


def test_a_server_of_the_other_protocol_that_is_ready(fakes: Fakes) -> None:
    diagnosis = told(fakes, fakes.openai_model(fakes.openai()))
    facts = dict(diagnosis.facts)
    assert (facts["server"], facts["model"], facts["context"]) == ("vllm", "tiny", "8192 tokens")
    assert (facts["log-probabilities"], diagnosis.problem) == ("yes", "")


def test_a_model_that_is_not_there_by_the_other_protocol(fakes: Fakes) -> None:
    diagnosis = told(fakes, fakes.openai_model(fakes.openai(), model="tinny"))
    assert diagnosis.problem == "the server has no model tinny"
    assert diagnosis.remedies == ("set model in [plugins.openai] to what is there: tiny; did you mean tiny?",)


def test_nobody_there_by_the_other_protocol(fakes: Fakes) -> None:
    diagnosis = told(fakes, fakes.openai_model("http://127.0.0.1:1"))
    assert diagnosis.problem == "http://127.0.0.1:1/v1 does not answer: connection refused"
    assert diagnosis.remedies == ("start the server, or correct base_url in [plugins.openai]",)
