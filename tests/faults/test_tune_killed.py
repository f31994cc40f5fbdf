"""`sllm tune` killed at every point at which it tells, writes or switches: what serves is valid, and the next run ends.

One round tries a handful of the points; SLLM_FAULT_ROUNDS=2 tries all that a whole run passes.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from shutil import copytree

import pytest

from labelled_plant import BAD, LEARNING, write_plant
from rounds import ROUNDS
from sllm_core.classifier import Classifier
from sllm_core.learning.artefacts import UNFINISHED
from sllm_core.learning.registry import Registry
from sllm_core.learning.standing import serve_classifier, standing_verdicts
from sllm_core.learning.versions import CLASSIFIER
from sllm_core.store import Store
from worker import MAIN, OUTSIDE

pytestmark = pytest.mark.faults

CONFIG = '[logging]\nlevel = "error"\n[plugins.file]\npath = "plant.log"\n[plugins.sentiment]\n' + LEARNING
PATIENCE = 600.0
"""Seconds within which a run ends."""

POINTS = (
    *("step dataset 0", "step dataset 1"),
    *("fsync 1", "fsync 2", "fsync 3", "fsync 4", "rename 1", "fsync 5"),
    *(f"step training {number}" for number in range(9)),
    *("rename 2", "fsync 6", "before keep 1", "after keep 1"),
    *("step gate 0", "step gate 1", "before keep 2", "after keep 2"),
    *("step promotion 0", "before switch 1", "after switch 1", "step promotion 1", "end"),
)
"""What a run passes, in order: what it tells, the files that it makes lasting (of the data 1 to 5, of the version the
others), what it keeps of the version, and the switch."""

FEW = ("step training 3", "rename 2", "after keep 1", "before switch 1", "after switch 1")
"""The points of one round."""

SWITCHED = ("after switch 1", "step promotion 1", "end")
"""The points at which the new version judges."""

KILLED = """
import os, signal
from functools import wraps
from sllm_core.learning.tuning import Tuning
from sllm_core.store.versions import VersionRows
from sllm_core.cli import main

passed, begun = {}, []

def point(name):
    if name == os.environ.get("KILL_AT"):
        os.kill(os.getpid(), signal.SIGKILL)
    if begun:
        with open(os.environ["PASSED"], "a") as file:
            file.write(name + "\\n")

def counted(name):
    passed[name] = passed.get(name, 0) + 1
    return f"{name} {passed[name]}"

def around(owner, name, both=False):
    real = getattr(owner, name)
    @wraps(real)
    def called(*args, **named):
        if not begun:
            return real(*args, **named)
        number = counted(name)
        point(f"before {number}" if both else number)
        found = real(*args, **named)
        if both:
            point(f"after {number}")
        return found
    setattr(owner, name, called)

for owner, name, both in ((os, "rename", False), (os, "fsync", False), (VersionRows, "keep", True),
                          (VersionRows, "forget", True), (VersionRows, "switch", True)):
    around(owner, name, both)

tune = Tuning.tune

async def tuned(self, order, run, tell):
    begun.append(run)
    def told(step):
        point(f"step {step.name} {step.done}")
        tell(step)
    found = await tune(self, order, run, told)
    point("end")
    return found

Tuning.tune = tuned
main()
"""
"""`sllm` that writes down every point that a run passes, and is killed at one of them."""


@dataclass(frozen=True)
class Killed:
    """What came of a run that was killed at a point: what the next one said and how many seconds it took; `switched`:
    the new version judged at once."""

    point: str
    then: str
    seconds: float
    switched: bool


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose store has labels, to be copied."""
    folder = tmp_path_factory.mktemp("plant")
    write_plant(folder / "plant.log")
    (folder / "config.toml").write_text(CONFIG)
    texts = [line.split("INFO ", 1)[1] for line in (folder / "plant.log").read_text().splitlines()]
    said = [
        {"task": "sentiment", "label": _label(text), "message": text, "source": "file", "by": "local"} for text in texts
    ]
    (folder / "labels.jsonl").write_text("\n".join(map(json.dumps, said)))
    _called(folder, "run", "-q")
    _called(folder, "label", "labels.jsonl")
    return folder


def _label(text: str) -> str:
    return "negative" if any(word in text for word in BAD) else "neutral"


def _called(
    folder: Path, *arguments: str, program: str = MAIN, more: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not OUTSIDE.match(name)}
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        env={**kept, **(more or {})},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def tune(folder: Path, point: str = "") -> subprocess.CompletedProcess[str]:
    """A run of tuning, killed at a point if one is named."""
    return _called(folder, "tune", program=KILLED, more={"KILL_AT": point, "PASSED": str(folder / "passed.txt")})


def serving(folder: Path) -> str:
    """The version that judges as a new process finds it, if the pointer leads to a whole version."""
    with Store(folder / ".sllm") as store:
        verdicts = standing_verdicts(store)
        registry = Registry(store, {CLASSIFIER: partial(serve_classifier, verdicts)})
        current = registry.current()
        assert verdicts.version == current.name
        assert current.state in ("shipped", "promoted")
    return current.name


def left(folder: Path) -> Sequence[str]:
    """What lies among the versions that is no version and no data of one."""
    return [each.name for each in (folder / ".sllm/models").iterdir() if each.name.startswith(UNFINISHED)]


@pytest.fixture(scope="module")
def best(plant: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The version that a run makes which nobody kills; it passes all of the points."""
    whole = tmp_path_factory.mktemp("whole") / "plant"
    copytree(plant, whole)
    assert tune(whole).stdout.startswith("promoted ")
    passed = (whole / "passed.txt").read_text().splitlines()
    assert [each for each in POINTS if each not in passed] == []
    return serving(whole)


@pytest.mark.parametrize("point", POINTS if ROUNDS > 1 else FEW)
def test_wherever_it_is_killed_what_serves_is_valid_and_the_next_run_ends(
    plant: Path, tmp_path: Path, best: str, point: str
) -> None:
    folder = tmp_path / "plant"
    copytree(plant, folder)
    killed = tune(folder, point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
    judged = serving(folder)
    assert judged == (best if point in SWITCHED else Classifier.load().version)
    began = time.monotonic()
    again = tune(folder)
    outcome = Killed(point, again.stdout.split(" ")[0], round(time.monotonic() - began, 1), judged == best)
    print(outcome)
    if path := os.environ.get("SLLM_FAULT_RESULTS"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(outcome)) + "\n")
    assert again.returncode == 0, again.stderr[-2000:]
    assert serving(folder) == best, again.stdout
    assert left(folder) == []


def test_a_training_that_is_killed_fails_the_run_alone(plant: Path, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    copytree(plant, folder)
    broken = _called(folder, "tune", "--task", "sentiment", program=TRAINING_KILLED)
    assert broken.returncode == 1, broken.stderr[-2000:]
    assert "the training failed" in broken.stderr
    assert serving(folder) == Classifier.load().version
    assert tune(folder).stdout.startswith("promoted ")
    assert left(folder) == []


TRAINING_KILLED = """
import asyncio
from sllm_core.cli import main

real = asyncio.create_subprocess_exec

async def started(*command, **named):
    process = await real(*command, **named)
    if any("training" in str(each) for each in command):
        asyncio.get_running_loop().call_later(1.0, process.kill)
    return process

asyncio.create_subprocess_exec = started
main()
"""
"""`sllm` whose training is killed a second after it began."""
