"""A training that is killed, wherever that may be, is gone on with and comes to the same bytes."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import lora_scene
from sllm_core.learning.asking import Row
from sllm_plugins.tuners.lora.orders import Lesson, TrainingOrder, write_order

pytest.importorskip("torch", reason="needs pip install 'sllm[tune]'")

MOST = 7
"""At how many places; SLLM_FAULT_ROUNDS, where it is set, is by how many times more."""


def lesson(row: Row) -> Lesson:
    asked = row.prompt
    return Lesson(asked.system, asked.user, row.answer, row.weights, asyncio.run(lora_scene.rendered(asked)))


@pytest.mark.faults
def test_a_training_that_is_killed_anywhere_comes_to_the_same_bytes(tmp_path: Path) -> None:
    rounds = int(os.environ.get("SLLM_FAULT_ROUNDS", "1"))
    if not rounds:
        pytest.skip("SLLM_FAULT_ROUNDS is 0")
    settings = lora_scene.settings(batch=2, least_steps=5, checkpoint_every=2).model_dump(mode="json")
    learnt, held = (tuple(map(lesson, lora_scene.rows(*each))) for each in ((6, 0), (3, 50)))
    order = TrainingOrder(str(lora_scene.base()), "tiny", settings, 7, learnt, held)
    write_order(order, tmp_path / "whole")
    script = Path(lora_scene.__file__).with_name("lora_kills.py")
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "whole"), str(MOST * rounds)], capture_output=True, text=True
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    assert len({each["place"].split()[0] for each in found}) == 7
    assert [each for each in found if not (each["killed"] and each["same"])] == []
