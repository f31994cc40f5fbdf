"""A run as it is kept, and what it tells of its steps."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.clock.tuning_run import DETAIL, STEPS, TuningRun
from sllm_core.learning.orders import Order, Step, TuningResult

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
names = st.lists(st.text(max_size=5), max_size=3).map(tuple)
steps = st.builds(Step, st.sampled_from("abc"), st.integers(0, 9), st.integers(0, 9), st.text(max_size=9))
values = st.dictionaries(
    st.text(max_size=5), st.integers(-(10**12), 10**12) | st.none() | st.booleans() | st.text(max_size=5), max_size=3
)
results = st.none() | st.builds(TuningResult, st.just("refused"), st.none() | st.just("v"), st.text(max_size=9), values)


def begun(order: Order | None = None) -> TuningRun:
    return TuningRun(id="1", trigger="clock", by="clock", order=order or Order(), state="running", started=NOW)


@given(order=st.builds(Order, names, names, st.booleans()), told=st.lists(steps, max_size=9), result=results)
def test_a_run_is_kept_whole(order: Order, told: list[Step], result: TuningResult | None) -> None:
    run = begun(order)
    for number, step in enumerate(told):
        run = run.told(step, NOW + timedelta(seconds=number))
    run = run.over("done", NOW + timedelta(minutes=1), result)
    assert TuningRun.from_json(json.loads(json.dumps(run.to_json()))) == run


@given(told=st.lists(steps, max_size=30))
def test_every_step_but_the_last_has_ended(told: list[Step]) -> None:
    run = begun()
    for number, step in enumerate(told):
        run = run.told(step, NOW + timedelta(seconds=number))
    assert all(each.ended is not None for each in run.steps[:-1])
    assert run.revision == len(told) and all(each.ended is None for each in run.steps[-1:])


def test_what_remains_follows_from_what_is_done() -> None:
    run = begun().told(Step("training", 0, 8), NOW).told(Step("training", 2, 8), NOW + timedelta(seconds=10))
    assert run.steps[0].remaining == 30.0


def test_a_tuner_that_tells_too_much_is_cut_short() -> None:
    run = begun()
    for number in range(3 * STEPS):
        run = run.told(Step(f"step {number}", detail="x" * 2 * DETAIL), NOW)
    assert (len(run.steps), run.steps[0].name, run.steps[-1].name) == (STEPS, "step 0", f"step {3 * STEPS - 1}")
    assert {len(each.detail) for each in run.steps} == {DETAIL}


def test_whatever_a_tuner_reports_can_be_shown() -> None:
    odd: dict[Any, Any] = {
        "huge": 10**40,
        "nan": float("nan"),
        "array": np.arange(2),
        "text": "\ud800",
        "path": Path("x"),
        (1, 2): 0,
    }
    run = begun().told(Step("\ud800", 10**40, -1, "\ud800"), NOW).over("done", NOW, TuningResult("refused", report=odd))
    assert run.to_json()["result"]["report"] == {"huge": 1e40, "nan": None, "array": [0, 1], "text": "?", "path": "x"}
    assert orjson.dumps(run.to_json())
