from __future__ import annotations

import pytest

from rounds import Stage, expect_all_counted_once

pytestmark = pytest.mark.faults


def test_a_killed_worker_goes_on_where_it_was(stage: Stage) -> None:
    worker = stage.worker()
    stage.flow(started=stage.rng.random() < 0.7)
    stage.wait_for_moment()
    worker.kill()
    stage.restart(worker)
    seconds = stage.recovery()
    expect_all_counted_once("kill -9 of the worker", stage, seconds)


def test_what_one_of_two_killed_workers_had_goes_to_the_other(stage: Stage) -> None:
    first, _ = stage.worker(), stage.worker()
    stage.flow()
    stage.wait_for_moment()
    stage.dismiss(first)
    first.kill()
    seconds = stage.recovery()
    expect_all_counted_once("kill -9 of one of two workers", stage, seconds)


def test_a_killed_worker_that_has_lost_its_disk_starts_anew(stage: Stage) -> None:
    worker = stage.worker()
    stage.flow()
    stage.wait_for_moment()
    stage.dismiss(worker)
    worker.kill()
    stage.worker()
    seconds = stage.recovery()
    expect_all_counted_once("kill -9 of the worker, its state lost", stage, seconds)
