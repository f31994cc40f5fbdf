"""The whole way with a language model: a log, a server, findings in a file; the server may be killed on the way."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fake_models import Fakes
from ollama_server import OwnOllama, put_model
from secret_examples import secrets
from sllm_core.loader import Plugins
from sllm_core.models import Completion, Identity, LanguageModel, Prompt
from sllm_core.opening import open_store
from sllm_core.redaction import Redactor
from sllm_core.runner import Result, Runner
from sllm_core.settings import Settings, settings_from
from tiny_llama import tiny_llama

WORDS = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "omicron")
LINE = "2026-03-02 0{hour}:{minute:02}:00,000 {level} [main] shop.Orders - {word} queue drained by worker {number}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a log of twelve kinds of lines over three hours."""
    rows = [(hour, minute, word) for hour in range(3) for minute in range(60) for word in WORDS]
    text = "".join(
        LINE.format(hour=hour, minute=minute, level="WARN" if word < "c" else "INFO", word=word, number=minute)
        for hour, minute, word in rows
    )
    (tmp_path / "app.log").write_text(text, encoding="utf-8")
    return tmp_path


def settings(folder: Path, url: str, tag: str, **model: object) -> Settings:
    analyzers: dict[str, Any] = {name: {} for name in ("sentiment", "anomaly", "summary")}
    plugins = {
        "file": {"path": str(folder / "app.log")},
        "ollama": {"url": url, "model": tag, "num_ctx": 4096, "connect_timeout": "1s"},
        **analyzers,
        "jsonl": {"path": str(folder / "findings.jsonl")},
    }
    if not url:
        del plugins["ollama"]
    limits = {"trial": False, "patterns": 2, "texts": 0, "wait": "5m", **model}
    return settings_from({"store": {"path": str(folder / "state")}, "model": limits, "plugins": plugins})


def run(chosen: Settings) -> Result:
    """One run, in which the model is asked from the start."""
    with open_store(chosen) as store:
        return asyncio.run(Runner(chosen, store, grace=0).run())


def written(folder: Path) -> dict[str, dict[str, Any]]:
    """The newest revision of each finding in the file, which has no revision twice."""
    newest: dict[str, dict[str, Any]] = {}
    for line in (folder / "findings.jsonl").read_text(encoding="utf-8").splitlines():
        finding = json.loads(line)
        assert finding["revision"] > newest.get(finding["id"], {"revision": -1})["revision"]
        newest[finding["id"]] = finding
    return newest


def windows(found: dict[str, dict[str, Any]]) -> set[tuple[str, str, int]]:
    """Which analyzers spoke of which windows, and of how many records."""
    whole = (each for each in found.values() if "kind" not in each["facts"])
    return {(each["analyzer"], each["window"]["start"], each["count"]) for each in whole}


def test_a_real_server_judges_every_pattern(folder: Path, ollama_url: str, tiny_tag: str) -> None:
    outcome = run(settings(folder, ollama_url, tiny_tag)).model
    assert outcome is not None
    assert (outcome.judged + outcome.unanswered, outcome.waiting, outcome.problem) == (12, 0, "")
    judged = [each for each in written(folder).values() if each["method"] == "model"]
    assert {each["model"].split()[0] for each in judged} == {outcome.model}


def test_what_a_real_server_answered_is_not_asked_again(folder: Path, ollama_url: str, tiny_tag: str) -> None:
    first = run(settings(folder, ollama_url, tiny_tag)).model
    (folder / "app.log").rename(folder / "old.log")
    (folder / "app.log").write_bytes((folder / "old.log").read_bytes())
    again = run(settings(folder, ollama_url, tiny_tag)).model
    assert first is not None and again is not None
    assert first.calls >= 6 and again.calls == 0


class Killing:
    """A model whose server is killed during some of the calls, and is there again after some more."""

    def __init__(self, model: LanguageModel, server: OwnOllama, seed: int) -> None:
        self.name, self._model, self._server, self._random = model.name, model, server, random.Random(seed)
        self.kills, self._is_up = 0, True

    async def identify(self) -> Identity:
        if self.kills:
            await self._disturb(0.1)
        return await self._model.identify()

    async def complete(self, prompt: Prompt) -> Completion:
        call = asyncio.ensure_future(self._model.complete(prompt))
        await asyncio.wait({call}, timeout=self._random.random() * 0.1)
        await self._disturb(0.4)
        return await call

    async def close(self) -> None:
        await self._model.close()

    async def _disturb(self, often: float) -> None:
        if not self._is_up:
            if self._random.random() < 0.6:
                await asyncio.to_thread(self._server.start)
                self._is_up = True
        elif self.kills < 6 and (not self.kills or self._random.random() < often):
            await asyncio.to_thread(self._server.kill)
            self._is_up, self.kills = False, self.kills + 1


@pytest.mark.parametrize("seed", range(3))
def test_a_server_killed_at_random_costs_no_finding(
    folder: Path, own_ollama: OwnOllama, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    own_ollama.start()
    put_model(own_ollama.url, "tiny:1", tiny_llama())
    killers: list[Killing] = []

    def models(plugins: Plugins) -> list[Killing]:
        killers.append(Killing(genuine(plugins)[0], own_ollama, seed))
        return killers

    genuine = Plugins.models
    monkeypatch.setattr(Plugins, "models", models)
    outcome = run(settings(folder, own_ollama.url, "tiny:1", timeout="1m")).model
    assert killers[0].kills > 0
    assert outcome is not None and (outcome.judged + outcome.unanswered, outcome.waiting) == (12, 0)
    monkeypatch.undo()
    alone = folder / "alone"
    alone.mkdir()
    (alone / "app.log").write_bytes((folder / "app.log").read_bytes())
    run(settings(alone, "", ""))
    assert {each[1:] for each in windows(written(folder))} == {each[1:] for each in windows(written(alone))}


SECRETS = ("hunter2-" + "q9x7", "AKIA" + "Q3EXAMPLE7ABCDEF", "kim.minsu" + "@corp.example", "900101-" + "1234568")
LEAKY = (
    f"login failed: password={SECRETS[0]} is wrong",
    f"uploading with access key {SECRETS[1]}",
    f"mail to {SECRETS[2]} bounced",
    f"주민등록번호 {SECRETS[3]} 확인 실패",
    f"GET /reset?token={SECRETS[0]}&user={SECRETS[2]} 500",
)


@pytest.fixture
def fakes() -> Iterator[Fakes]:
    made = Fakes()
    yield made
    made.close()


def test_no_secret_reaches_the_server(folder: Path, fakes: Fakes) -> None:
    lines = [f"2026-03-02 00:00:0{place},000 ERROR [main] shop.Mail - {text}\n" for place, text in enumerate(LEAKY)]
    (folder / "app.log").write_text("".join(lines * 20), encoding="utf-8")
    server = fakes.ollama()
    run(settings(folder, server.url, "tiny", texts=8, patterns=8))
    sent = b"\n".join(each.body for each in server.received).decode()
    assert "login failed: password=" in sent and "bounced" in sent
    assert [secret for secret in SECRETS if secret in sent] == []


def test_what_redaction_finds_in_its_corpus_reaches_no_server(folder: Path, fakes: Fakes) -> None:
    redact, examples = Redactor().redact, [each for each in secrets() if "\n" not in each.text]
    lines = [f"2026-03-02 00:00:00,000 ERROR [main] shop.Mail - {each.text}\n" for each in examples]
    (folder / "app.log").write_text("".join(lines), encoding="utf-8")
    server = fakes.ollama()
    run(settings(folder, server.url, "tiny", texts=8, patterns=8))
    sent = b"\n".join(each.body for each in server.received).decode()
    plain = "\n".join(each.plain for each in examples)
    hidden = {
        secret
        for each in examples
        for _, secret in each.secrets
        if len(secret) >= 8 and secret not in plain and secret not in redact(each.text)
    }
    assert len(hidden) > 500 and sent.count("template: ") > 300
    assert [secret for secret in hidden if json.dumps(secret)[1:-1] in sent] == []
