"""Built-in analyzers judge closed windows again when a model has judged their patterns."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, cast

import pytest

from sllm_core.classifier import ModelVerdicts
from sllm_core.components import Analyzer, Revisable
from sllm_core.findings import Finding
from sllm_core.models.verdict import ModelVerdict
from sllm_core.records import LogBatch, Window
from sllm_plugins.anomaly import Anomaly, AnomalyConfig
from sllm_plugins.sentiment import Sentiment, SentimentConfig
from sllm_plugins.summary import Summary, SummaryConfig

if TYPE_CHECKING:
    from tests.plugins.conftest import Scene, Verdicts


class Both(Analyzer, Revisable, Protocol):
    """What the built-in analyzers are."""


def analyzers(scene: Scene) -> list[Both]:
    made = [
        *Sentiment("sentiment", SentimentConfig()).sllm_analyzers(scene.context),
        *Anomaly("anomaly", AnomalyConfig()).sllm_analyzers(scene.context),
        *Summary("summary", SummaryConfig()).sllm_analyzers(scene.context),
    ]
    return cast("list[Both]", made)


def adopt(scene: Scene, message: str, severity: str, odds: tuple[float, float, float] | None = None) -> None:
    """Let a model have judged the pattern of a message."""
    sentiment = (0.1, 0.1, 0.8) if odds else None
    said = ModelVerdict(scene.patterns.add(message), "negative", severity, sentiment, odds)
    cast("Verdicts", scene.context.verdicts).adopt(ModelVerdicts.of("m judge-1.en", [said]))


def twice(
    scene: Scene, window: Window, batch: LogBatch, between: Callable[[], None] | None = None
) -> list[tuple[list[Finding], list[Finding]]]:
    """What each analyzer says when the window closes, and when it is asked to revise that."""
    every = analyzers(scene)
    first = [list(asyncio.run(each.analyze(batch))) for each in every]
    if between is not None:
        between()
    scene.store.windows.append(window)
    again = scene.batch(window)
    return [(said, list(asyncio.run(each.revise(again, said)))) for each, said in zip(every, first, strict=True)]


def failing(scene: Scene) -> tuple[Window, LogBatch]:
    """A window with an outage of a web server, an everyday line, and one of which nothing is known."""
    lines = [
        scene.line('10.0.0.1 - - "GET /pay HTTP/1.1" 503 12', count=40, service="web"),
        scene.line('10.0.0.1 - - "GET /ok HTTP/1.1" 200 12', count=60, service="web"),
        scene.line("frobnicator 5 entered state 7", None, count=30),
    ]
    window = scene.window(20, *lines)
    return window, scene.batch(window, records=scene.records(20, *lines))


def test_the_same_verdicts_say_the_same_again(scene: Scene) -> None:
    window, batch = failing(scene)
    for first, again in twice(scene, window, batch):
        assert again == first


def test_the_requests_of_a_window_survive_its_revision(scene: Scene) -> None:
    window, batch = failing(scene)
    *_, (first, again) = twice(scene, window, batch, lambda: adopt(scene, "frobnicator 5 entered state 7", "critical"))
    assert again[0].facts["requests"] == first[0].facts["requests"] > 0
    assert again[0].facts["errors"] == first[0].facts["errors"] + 30


def test_a_critical_verdict_makes_an_issue_under_a_new_id(scene: Scene) -> None:
    window, batch = failing(scene)
    _, (first, again), _ = twice(
        scene, window, batch, lambda: adopt(scene, "frobnicator 5 entered state 7", "critical")
    )
    assert {each.id for each in first} < {each.id for each in again}
    added = [each for each in again if each.id not in {one.id for one in first}]
    assert [(each.label, each.method) for each in added] == [("critical", "model")]


@pytest.mark.parametrize(("odds", "confidence"), [((0.05, 0.05, 0.9), 0.9), (None, None)])
def test_only_a_probability_is_a_confidence(
    scene: Scene, odds: tuple[float, float, float] | None, confidence: float | None
) -> None:
    adopt(scene, "frobnicator 5", "critical", odds)
    window = scene.window(20, scene.line("frobnicator 5", None, count=50))
    _, anomaly, _ = [asyncio.run(each.analyze(scene.batch(window))) for each in analyzers(scene)]
    assert [(each.label, each.confidence, each.method) for each in anomaly] == [("critical", confidence, "model")] * 2


def test_an_issue_that_is_none_any_more_is_withdrawn(korean_scene: Scene) -> None:
    scene = korean_scene
    window = scene.window(20, scene.line("panic in module 5", "FATAL", count=3), scene.line("ok 1", count=300))
    _, (first, again), _ = twice(
        scene, window, scene.batch(window), lambda: adopt(scene, "panic in module 5", "normal")
    )
    issue = next(each for each in first if "kind" in each.facts)
    gone = next(each for each in again if each.id == issue.id)
    assert (gone.label, gone.confidence, gone.method, gone.facts) == ("normal", None, "model", issue.facts)
    assert "정상으로 정정" in gone.explanation
