"""`sllm tune`: what it says, how it ends, and that one that is stopped or killed leaves all as it was."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sllm_core import opening
from sllm_core.cli.tune import command
from sllm_core.learning.orders import Step, TuningResult
from sllm_core.plugin import PluginError
from sllm_core.store import Store, StoreError
from tuning_scene import ScriptedTuning, runs_of

CONFIG = '[logging]\nlevel = "critical"\n[plugins.classifier]\n'
WAITING = """
import signal
import sys
from types import SimpleNamespace
from sllm_core import opening
from sllm_core.cli import main
from sllm_core.learning.orders import Step
from tuning_scene import ScriptedTuning

signal.signal(signal.SIGINT, signal.default_int_handler)  # which who runs in the background does not inherit

class Waiting(ScriptedTuning):
    async def tune(self, order, run, tell):
        print("begun", flush=True)
        return await super().tune(order, run, tell)

opening.open_learning = lambda *_: SimpleNamespace(tuning=Waiting(Step("training", 1, 4)))
main()
"""


@dataclass
class Learning:
    tuning: ScriptedTuning


@pytest.fixture
def tuning(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ScriptedTuning:
    """What tunes in the place of the real one, in a folder that has a config.toml."""
    scripted = ScriptedTuning(Step("dataset", 1, 1, "300 examples"), Step("training", 8, 8))
    scripted.go.set()
    monkeypatch.setattr(opening, "open_learning", lambda *_: Learning(scripted))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text(CONFIG)
    return scripted


def tuned(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, standalone_mode=False)


def kept(folder: Path) -> list[dict[str, Any]]:
    with Store(folder / ".sllm") as store:
        return [run.to_json() for run in runs_of(store, ScriptedTuning()).recent()]


def test_what_came_of_it_is_told(tuning: ScriptedTuning, tmp_path: Path) -> None:
    result = tuned()
    assert (result.return_value, result.stdout) == (0, "promoted classifier-1: better by .02\n")
    assert result.stderr == "sllm: dataset: 300 examples\nsllm: training 8 of 8\n"
    assert [(each["state"], each["trigger"]) for each in kept(tmp_path)] == [("done", "command")]


def test_what_is_ordered_is_done(tuning: ScriptedTuning, tmp_path: Path) -> None:
    tuned("--tuner", "classifier", "--task", "anomaly", "--dry-run")
    assert kept(tmp_path)[0]["order"] == {"tuners": ["classifier"], "tasks": ["anomaly"], "dry_run": True}


def test_a_refusal_of_the_gate_is_no_failure(tuning: ScriptedTuning) -> None:
    tuning.result = TuningResult("refused", "classifier-2", "not better")
    assert (tuned().return_value, tuned().stdout) == (0, "refused classifier-2: not better\n")


def test_a_failure_is_told_with_its_code(tuning: ScriptedTuning) -> None:
    tuning.result = PluginError("the server is away")
    error = tuned().exception
    assert isinstance(error, PluginError) and (str(error), error.exit_code) == ("the server is away", 1)


@pytest.mark.parametrize(
    ("arguments", "tuners", "said"),
    [
        (["--tuner", "lora"], ("classifier",), "tuners: there is no 'lora'; enabled: classifier"),
        (["--task", "summary"], ("classifier",), "tasks: there is no 'summary'; enabled: sentiment, anomaly"),
        ([], (), "add the section [plugins.classifier]"),
    ],
)
def test_wrong_usage_is_told(tuning: ScriptedTuning, arguments: list[str], tuners: tuple[str, ...], said: str) -> None:
    tuning.tuners = tuners
    error = tuned(*arguments).exception
    assert isinstance(error, PluginError) and error.exit_code == 2 and said in str(error)


def test_who_has_the_store_is_to_be_asked(tuning: ScriptedTuning, tmp_path: Path) -> None:
    with Store(tmp_path / ".sllm"):
        error = tuned().exception
    assert isinstance(error, StoreError)
    assert "ask it instead: curl -X POST http://127.0.0.1:8083/fine-tune" in str(error)


@contextmanager
def at_work(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A command of its own process that trains and does not come to an end."""
    (folder / "config.toml").write_text(CONFIG)
    servers = str(Path(__file__).parents[1] / "servers")
    code = f"import sys; sys.path.insert(0, {servers!r})\n{WAITING}"
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code, "tune"], cwd=folder, **pipes) as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == "begun\n"
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_it_and_says_so(tmp_path: Path, number: int, code: int) -> None:
    with at_work(tmp_path) as process:
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, "the next run of tuning goes on" in said) == (code, True)
    assert [each["state"] for each in kept(tmp_path)] == ["cancelled"]


def test_one_that_was_killed_is_lost_and_the_next_begins_at_once(tmp_path: Path) -> None:
    with at_work(tmp_path) as process:
        process.kill()
        process.wait(60)
    with at_work(tmp_path) as process:
        process.send_signal(signal.SIGINT)
        process.wait(60)
    assert [each["state"] for each in kept(tmp_path)] == ["cancelled", "lost"]
