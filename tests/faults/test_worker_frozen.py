from __future__ import annotations

import pytest

from kafka_server import committed_offsets
from rounds import Stage, expect_all_counted_once

pytestmark = pytest.mark.faults


def test_what_a_worker_writes_that_was_thought_dead_changes_nothing(stage: Stage) -> None:
    frozen, _ = stage.worker(), stage.worker()
    stage.flow()
    stage.wait_for_moment()
    frozen.freeze()
    stage.recovery()
    before = committed_offsets(stage.bootstrap, stage.group)
    frozen.thaw()
    seconds = stage.recovery()
    expect_all_counted_once("one of two workers stands still for longer than its session", stage, seconds)
    assert all(end >= before[key] for key, end in committed_offsets(stage.bootstrap, stage.group).items())
