from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from sllm_core.cli.doctor import command
from sllm_core.settings import SettingsError

Install = Callable[..., None]

PLUGIN = """
from sllm_core.diagnosis import Diagnosis
class Topic(ListSource):
    async def diagnose(self):
        return Diagnosis("kafka:9092", (("lag", "7 records"),), {problem!r}, ("type: a",) if {problem!r} else ())
class Queue(Plugin):
    @hookimpl
    def sllm_sources(self): return [Topic("queue", []), ListSource("silent", [])]
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "config.toml").write_text("[plugins.queue]\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def doctor(*arguments: str) -> tuple[str, int]:
    result = CliRunner().invoke(command, arguments, catch_exceptions=False, standalone_mode=False)
    return result.stdout, result.return_value


def test_what_a_source_is_connected_to_is_told(install: Install) -> None:
    install("queue-dist", PLUGIN.format(problem=""), queue="Queue")
    text, code = doctor()
    assert text.endswith("\nqueue  kafka:9092\n  lag  7 records\n\nAll is well.\n")
    assert code == 0


def test_a_problem_is_told_with_its_remedy(install: Install) -> None:
    install("queue-dist", PLUGIN.format(problem="it rains"), queue="Queue")
    text, code = doctor()
    assert "  problem  it rains\n  remedy   type: a\n" in text
    assert text.endswith("\n1 problem: queue\n") and code == 1


def test_the_machine_and_the_store_are_told_first(install: Install) -> None:
    install("queue-dist", PLUGIN.format(problem=""), queue="Queue")
    text, _ = doctor()
    assert text.startswith("sllm  config.toml\n  version")
    assert "\nstore  " in text and "free room" in text


def test_a_full_disk_is_a_problem(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sllm_core.cli.doctor.SCANT", 1 << 62)
    install("queue-dist", PLUGIN.format(problem=""), queue="Queue")
    text, code = doctor()
    assert "the disk is nearly full" in text and code == 1


def test_it_may_be_asked_while_the_store_is_in_use(folder: Path, install: Install) -> None:
    from sllm_core.store import Store

    install("queue-dist", PLUGIN.format(problem=""), queue="Queue")
    with Store(folder / ".sllm"):
        assert doctor()[1] == 0


def test_as_json(install: Install) -> None:
    install("queue-dist", PLUGIN.format(problem="it rains"), queue="Queue")
    last = json.loads(doctor("--format", "json")[0])[-1]
    assert last == {
        "name": "queue",
        "address": "kafka:9092",
        "facts": {"lag": "7 records"},
        "problem": "it rains",
        "remedies": ["type: a"],
    }


COUNTED = """
from pathlib import Path
def note(what):
    with Path("made").open("a") as file:
        file.write(what + " ")
class Model(ScriptedModel):
    async def close(self):
        note("closed")
class Queue(Plugin):
    def __init__(self, name, config):
        super().__init__(name, config)
        note("plugin")
    @hookimpl
    def sllm_models(self):
        note("model")
        return [Model([], name="small")]
"""


def test_plugins_and_models_are_made_once(folder: Path, install: Install) -> None:
    install("queue-dist", COUNTED, queue="Queue")
    text, code = doctor()
    assert "\nsmall" in text and "scripted" in text and code == 0
    assert (folder / "made").read_text(encoding="utf-8").split() == ["plugin", "model", "closed"]


def test_a_plugin_that_cannot_be_made_is_named(install: Install) -> None:
    install("broken-dist", "class Queue(Plugin):\n    def __init__(self, *_): raise OSError('gone')\n", queue="Queue")
    with pytest.raises(SettingsError, match=r"gone.*broken-dist"):
        doctor()
