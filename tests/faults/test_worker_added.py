from __future__ import annotations

import pytest

from rounds import Stage, expect_all_counted_once

pytestmark = pytest.mark.faults


def test_a_worker_that_is_added_takes_its_part(stage: Stage) -> None:
    stage.worker()
    stage.flow()
    stage.wait_for_moment()
    stage.worker()
    seconds = stage.recovery()
    expect_all_counted_once("a worker is added", stage, seconds)


def test_a_worker_that_is_replaced_leaves_its_part(stage: Stage) -> None:
    old = stage.worker()
    stage.flow()
    stage.wait_for_moment(0.6)
    stage.worker()
    stage.wait_for_moment()
    stage.dismiss(old)
    old.stop()
    seconds = stage.recovery()
    expect_all_counted_once("a worker is replaced by another", stage, seconds)
