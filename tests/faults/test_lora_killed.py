"""`sllm tune` of a served language model, killed again and again: each run goes on, and the last one ends.

One round kills it at a few points, with a training too short to be promoted; SLLM_FAULT_ROUNDS=2 kills it at all that
it tells, with one that is.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest

from learning_loop import LABELLED, LEARNING, LORA, base_tag
from ollama_server import OwnOllama
from rounds import ROUNDS
from sllm_core.learning.artefacts import UNFINISHED
from sllm_core.store import Store
from sllm_core.store.versions import VersionRow
from trained_llama import patient
from worker import OUTSIDE

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(find_spec("peft") is None, reason="needs the extra tune: pip install 'sllm[tune]'"),
]

PATIENCE = 1800.0
"""Seconds within which a run ends, however busy the machine."""

ALL = (
    *("dataset 1", "training 1", "training 51", "export 0", "export 1", "upload 0", "upload 1"),
    *("parity 0", "parity 12", "candidate 0", "candidate 1", "before keep", "gate 0", "gate 1"),
    *("promotion 0", "before switch", "after switch"),
)
"""Where it is killed, one after the other, in a work that is gone on with: what it tells, what it keeps, the switch."""

FEW = ("training 2", "upload 1", "gate 0")
"""The points of one round."""

PROGRAM = """
import os, signal
from learning_loop import plant_corpus
from sllm_core.cli import main
from sllm_core.learning.tuning import Tuning
from sllm_core.store.versions import VersionRows

def point(name):
    if name == os.environ.get("KILL_AT"):
        os.kill(os.getpid(), signal.SIGKILL)

def around(name):
    real = getattr(VersionRows, name)
    def called(*args, **named):
        point(f"before {name}")
        found = real(*args, **named)
        point(f"after {name}")
        return found
    setattr(VersionRows, name, called)

around("keep")
around("switch")
tune = Tuning.tune

async def tuned(self, order, run, tell):
    def told(step):
        point(f"{step.name} {step.done}")
        tell(step)
    return await tune(self, order, run, told)

Tuning.tune = tuned
with plant_corpus():
    main()
"""
"""`sllm` that is killed at a point, and knows the plant's old policy in the place of the shipped corpus."""


@dataclass(frozen=True)
class Plant:
    """A folder with a store in which messages are labelled, beside a server with the trained base."""

    folder: Path
    url: str

    def called(self, *arguments: str, kill: str = "") -> subprocess.CompletedProcess[str]:
        """A command, killed at a point if one is named."""
        kept = {name: value for name, value in os.environ.items() if not OUTSIDE.match(name)}
        servers = str(Path(__file__).parents[1] / "servers")
        return subprocess.run(
            [sys.executable, "-c", PROGRAM, *arguments],
            cwd=self.folder,
            env={**kept, "KILL_AT": kill, "PYTHONPATH": servers},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def tune(self, kill: str = "") -> subprocess.CompletedProcess[str]:
        """A run of tuning."""
        return self.called("tune", "--tuner", "lora", "--task", "anomaly", kill=kill)

    @property
    def holding(self) -> VersionRow | None:
        """The version that holds, None for the base; it is whole, and on the server."""
        with Store(self.folder / ".sllm") as store:
            switches, rows = store.versions.switches("lora"), {each.name: each for each in store.versions.all()}
        if not switches or switches[-1].version is None:
            return None
        row = rows[switches[-1].version]
        assert row.state == "promoted"
        assert row.record["lineage"]["tag"] in self.tags
        assert (self.folder / ".sllm/models" / row.record["folder"] / "adapter.gguf").is_file()
        return row

    @property
    def tags(self) -> list[str]:
        """The tuned tags on the server."""
        found = httpx.get(f"{self.url}/api/tags", trust_env=False).json()["models"]
        return [str(each["name"]) for each in found if str(each["name"]).startswith("sllm-tuned:")]

    @property
    def left(self) -> list[str]:
        """What lies among the versions that is none."""
        return [each.name for each in (self.folder / ".sllm/models").iterdir() if each.name.startswith(UNFINISHED)]


@pytest.fixture
def plant(own_ollama: OwnOllama, tmp_path: Path) -> Iterator[Plant]:
    own_ollama.start()
    lora = LORA if ROUNDS > 1 else {**LORA, "least_steps": 4, "epochs": 1, "checkpoint_every": 1}
    with patient(PATIENCE), base_tag(own_ollama.url) as tag:
        sections = {
            "logging": {"level": "error"},
            "learning": LEARNING,
            "plugins.lora": lora,
            "plugins.ollama": {"url": own_ollama.url, "model": tag, "num_thread": 1, "parallel": 1},
            "plugins.file": {"path": "plant.log"},
        }
        (tmp_path / "config.toml").write_text("".join(map(_section, sections.items())))
        (tmp_path / "plant.log").write_text("".join(f"2026-03-02 00:00:00 INFO {text}\n" for text, _ in LABELLED))
        said = [{"task": "anomaly", "label": label, "message": text, "source": "file"} for text, label in LABELLED]
        (tmp_path / "labels.jsonl").write_text("\n".join(map(json.dumps, said)))
        found = Plant(tmp_path, own_ollama.url)
        assert found.called("label", "labels.jsonl").returncode == 0
        yield found


def _section(table: tuple[str, dict[str, object]]) -> str:
    name, values = table
    return f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())


def test_killed_again_and_again_it_goes_on_and_ends(plant: Plant) -> None:
    for point in ALL if ROUNDS > 1 else FEW:
        began = time.monotonic()
        killed = plant.tune(point)
        assert killed.returncode == -signal.SIGKILL, (point, killed.stdout, killed.stderr[-2000:])
        assert (plant.holding is not None) == (point == "after switch")
        print(f"{point}: {time.monotonic() - began:.0f} s, {len(plant.tags)} tuned tags on the server")
    ended = plant.tune()
    print(ended.stdout)
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert (plant.holding is not None) == (ROUNDS > 1)
    assert (len(plant.tags), plant.left) == (1, [])
