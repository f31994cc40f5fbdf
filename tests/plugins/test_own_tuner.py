"""A tuner of somebody else, installed beside sllm: ordered by the command, over HTTP and by the nightly job."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from learning_scene import LABELLED, patterns_of, said
from sllm_core.classifier.corpus import read_corpus
from sllm_core.cli.model import command as model
from sllm_core.cli.tune import command as tune
from sllm_core.clock.schedule import Slot
from sllm_core.learning import gate
from sllm_core.learning.feedback import FeedbackBox
from sllm_core.learning.standing import standing_verdicts
from sllm_core.opening import open_store
from sllm_core.plugin import PluginError
from sllm_core.settings import load_settings
from sllm_core.store import Store
from sllm_core.web.service import Service
from web_service import serving

TUNER = '''
"""Learns words that stand in messages of one severity only; of all others the embedded classifier judges."""
import hashlib
import json
from collections import defaultdict

import numpy as np

from sllm_core.learning.candidate import Candidate

LABELS = ("normal", "warning", "critical")


class Keywords:
    """A mapping of words to severities, as it answers."""

    def __init__(self, words, classifier):
        self.words, self.classifier = words, classifier

    async def odds(self, task, examples):
        judged = self.classifier.judge([each.text for each in examples], [each.level for each in examples])
        odds = np.asarray(judged.severity, np.float64)
        for row, each in enumerate(examples):
            for word in {*each.text.split()} & {*self.words}:
                odds[row] = np.eye(3)[LABELS.index(self.words[word])]
        return odds


class KeywordTuner:
    tasks = ("anomaly",)

    def __init__(self, name, config, verdicts):
        self.name, self.least, self.verdicts, self.serving = name, config.least, verdicts, {}

    async def tune(self, dataset, run):
        seen = defaultdict(list)
        for each in dataset.of("anomaly", "train"):
            for word in {*each.text.split()}:
                seen[word].append(each.label)
        words = {word: said[0] for word, said in seen.items() if len(said) >= self.least and len({*said}) == 1}
        made = run.folder / "made"
        made.mkdir()
        content = json.dumps(words, sort_keys=True)
        (made / "words.json").write_text(content)
        name = f"{self.name}-{hashlib.sha256(content.encode()).hexdigest()[:12]}"
        answers = [Keywords(each, self.verdicts.classifier) for each in (words, self.serving)]
        return Candidate(name, f"{self.name}-base", made, *answers, lineage={"least": self.least})

    def serve(self, folder):
        words = {} if folder is None else json.loads((folder / "words.json").read_text())

        def switch():
            self.serving = words

        return switch


class KeywordsConfig(PluginConfig):
    least: Annotated[int, Field(ge=1)] = 5


class KeywordsPlugin(Plugin[KeywordsConfig]):
    Config = KeywordsConfig

    @hookimpl
    def sllm_tuners(self, context):
        return [KeywordTuner(self.name, self.config, context.verdicts)]
'''
CONFIG = """
[logging]
level = "critical"
[plugins.keywords]
least = 4
"""
Install = Callable[..., None]
SLOT = Slot(datetime(2026, 11, 23, 2, tzinfo=UTC), "tune-2026-11-23")


@pytest.fixture(autouse=True)
def short_corpus() -> Iterator[None]:
    """A twentieth of the corpus, as these runs are many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gate, "read_corpus", lambda: read_corpus()[::20])
        yield


@pytest.fixture
def folder(install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a config.toml that enables the tuner, and a store with labels by a policy of the team's own."""
    install("acme-keywords", TUNER, keywords="KeywordsPlugin")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text(CONFIG)
    with open_store(load_settings(tmp_path / "config.toml")) as store:
        ids = patterns_of(store, [message for message, _ in LABELLED])
        box = FeedbackBox(store, standing_verdicts(store))
        box.give_all(said(pattern, label) for pattern, (_, label) in zip(ids, LABELLED, strict=True))
    return tmp_path


def served(folder: Path, act: Callable[[httpx.AsyncClient, Service], Awaitable[object]]) -> tuple[str, str, str]:
    """The one run of a service in the folder in which something was done: who began it, its outcome, its tuner."""

    async def scene() -> dict[str, Any]:
        async with serving({"plugins": {"keywords": {"least": 4}}}, Store(folder / ".sllm")) as (client, service):
            await act(client, service)
            (run,) = (await client.get("/fine-tune")).json()["runs"]
            found: dict[str, Any] = (await client.get(f"/fine-tune/{run['id']}")).json()
            return found

    run = asyncio.run(scene())
    return run["trigger"], run["result"]["outcome"], run["result"]["report"]["tuner"]


def test_the_command_tunes_with_it_measures_and_promotes(folder: Path) -> None:
    result = CliRunner().invoke(tune, ["--tuner", "keywords"], standalone_mode=False)
    assert result.return_value == 0, result.exception
    assert result.stdout.startswith("promoted keywords-") and "better: anomaly" in result.stdout
    (kept,) = folder.glob(".sllm/models/keywords-*/words.json")
    assert json.loads(kept.read_text())["drifting"] == "critical"


def test_a_request_does(folder: Path) -> None:
    async def order(client: httpx.AsyncClient, service: Service) -> None:
        begun = await client.post("/fine-tune", json={"tuners": ["keywords"]})
        await service.tuning_runs.ended(begun.json()["id"])

    assert served(folder, order) == ("request", "promoted", "keywords")


def test_the_nightly_job_does(folder: Path) -> None:
    assert served(folder, lambda _, service: service.clock.nightly.due(SLOT)) == ("clock", "promoted", "keywords")


def test_what_it_learnt_serves_until_somebody_goes_back(folder: Path) -> None:
    CliRunner().invoke(tune, standalone_mode=False)
    back = CliRunner().invoke(model, ["rollback", "keywords"], standalone_mode=False)
    assert "keywords-base" in back.stdout, back.exception


def test_its_settings_are_checked_with_the_rest(folder: Path) -> None:
    (folder / "config.toml").write_text("[plugins.keywords]\nleest = 4\n")
    with pytest.raises(PluginError, match="did you mean 'least'"):
        load_settings(folder / "config.toml")
