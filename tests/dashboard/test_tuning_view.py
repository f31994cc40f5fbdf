from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.web.dashboard.tuning_view import WIDTH, Report, consulted, report_of
from web_service import ANALYZERS, serving

Install = Callable[..., None]
MODEL = """
def worst(prompt):
    return {name: each.get("enum", ["All is told."])[-1] for name, each in prompt.schema["properties"].items()}

class Model(Plugin[PluginConfig]):
    @hookimpl
    def sllm_models(self):
        return [ScriptedModel(worst)]
"""
TASK = {
    "metric": "macro_f1",
    "n": 80,
    "incumbent": 0.38,
    "candidate": 0.87,
    "difference": 0.49,
    "low": 0.4,
    "high": 0.56,
    "better": 22,
    "worse": 0,
    "mcnemar_p": 4.8e-07,
    "accuracy": {"incumbent": 0.7, "candidate": 0.97},
    "calibration_error": {"incumbent": 0.2, "candidate": 0.1},
    "recall": {"negative": {"incumbent": 0.1, "candidate": 0.9}, "positive": {"incumbent": None, "candidate": None}},
}
CHECK = {"name": "better", "passed": False, "measured": None, "needed": "p < 0.05"}


def report(task: Mapping[str, Any]) -> Report:
    made = report_of({"tasks": {"sentiment": task}, "checks": [CHECK], "missing": [], "dataset": {"digest": "a"}})
    assert made is not None
    return made


def test_there_is_no_report_where_nothing_was_measured() -> None:
    assert report_of({}) is None


def test_the_figures_of_a_task_are_those_of_the_gate() -> None:
    found = report(TASK).tasks[0]
    assert (found.size, found.incumbent, found.candidate, found.better, found.worse) == (80, 0.38, 0.87, 22, 0)
    assert found.recalls == [("negative", 0.1, 0.9), ("positive", None, None)]
    assert report(TASK).failed == 1


@pytest.mark.parametrize(("low", "high", "tone"), [(0.1, 0.2, "better"), (-0.2, -0.1, "worse"), (-0.1, 0.1, "even")])
def test_a_difference_counts_beyond_chance(low: float, high: float, tone: str) -> None:
    interval = report({**TASK, "difference": (low + high) / 2, "low": low, "high": high}).tasks[0].interval
    assert interval is not None
    assert interval.tone == tone


@given(st.lists(st.floats(-1, 1), min_size=3, max_size=3).map(sorted))
def test_an_interval_is_drawn_in_order_and_inside(values: list[float]) -> None:
    interval = report({**TASK, "low": values[0], "difference": values[1], "high": values[2]}).tasks[0].interval
    assert interval is not None
    assert 0 <= interval.left <= interval.at <= interval.right <= WIDTH
    assert (interval.at > interval.zero) == (values[1] * WIDTH / 2 + interval.zero > interval.zero)


@pytest.mark.parametrize("missing", ["difference", "low", "high", "mcnemar_p", "recall", "calibration_error"])
def test_what_was_not_measured_is_left_out(missing: str) -> None:
    assert report({**TASK, missing: None}).tasks[0].task == "sentiment"


def test_a_model_that_answers_is_told_with_its_calls(install: Install) -> None:
    install("model-dist", MODEL, model="Model")

    async def ask() -> tuple[str, Any]:
        tables = {"model": {"trial": False}, "plugins": {"model": {}, **ANALYZERS["plugins"]}}
        async with serving(tables) as (client, service), asyncio.timeout(60):
            while service.runner.reviewer is None or not service.runner.reviewer.outcome.judging:
                await asyncio.sleep(0.001)
            await client.post("/analyze", json={"text": "the parcel was handed over", "deadline": 30})
            page = await client.get("/models-and-tuning", headers={"accept-language": "en"})
            return page.text, consulted(service)

    text, model = asyncio.run(ask())
    assert model.name.startswith("scripted@")
    assert (model.tone, model.judging, model.counts.calls > 0) == ("normal", True, True)
    assert "Its verdicts count" in text


def test_without_a_model_there_is_nothing_to_tell() -> None:
    async def ask() -> object:
        async with serving() as (_, service):
            return consulted(service)

    assert asyncio.run(ask()) is None
