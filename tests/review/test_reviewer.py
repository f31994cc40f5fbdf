from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from math import inf
from typing import TYPE_CHECKING, Any

import pytest

from sllm_core.models import Completion, Identity, ModelUnavailable, Prompt
from sllm_core.store import Pending
from sllm_core.testing import SCRIPTED, START, ScriptedModel

if TYPE_CHECKING:
    from tests.review.conftest import Desk

Answers = Callable[[Prompt], Mapping[str, Any] | Exception]
QUIET = ["frobnicator entered state seven"] * 50 + ["user 5 logged in"] * 30
"""Lines that the classifier sees no trouble in."""
START_LATER = START + timedelta(hours=3)
LOUD = ["disk sda1 failed: no space left on device"] * 50 + ["user 5 logged in"] * 30


@pytest.fixture
def verdicts_only(desk: Desk) -> Answers:
    """Judges frobnicators as critical and all else as normal, and finds no words."""
    return lambda prompt: desk.judgement(prompt, frobnicator="critical")


def test_a_verdict_replaces_the_classifiers_under_the_same_id(desk: Desk, verdicts_only: Answers) -> None:
    desk.run(ScriptedModel(verdicts_only), desk.lines(*QUIET), grace=inf)
    first, last = [each for each in desk.sink.findings if each.analyzer == "sentiment"]
    assert (first.id, first.label, first.method, first.revision) == (last.id, "neutral", "classifier", 0)
    assert (last.label, last.method, last.revision) == ("negative", "model", 1)
    assert last.model == "scripted@5c5c5c5c5c5c judge-1.en"


def test_what_is_critical_by_the_model_becomes_an_issue(desk: Desk, verdicts_only: Answers) -> None:
    desk.run(ScriptedModel(verdicts_only), desk.lines(*QUIET))
    assert [(each.label, each.confidence) for each in desk.latest("anomaly")] == [("critical", None)] * 2


def test_an_issue_that_the_model_finds_harmless_is_withdrawn_under_its_id(desk: Desk, verdicts_only: Answers) -> None:
    desk.run(ScriptedModel(verdicts_only), desk.lines(*LOUD), grace=inf)
    issue = next(each for each in desk.sink.findings if each.label == "critical" and "kind" in each.facts)
    now = next(each for each in desk.latest("anomaly") if each.id == issue.id)
    assert (now.label, now.method, now.revision) == ("normal", "model", 1)


def test_a_model_that_never_answers_changes_nothing(desk: Desk) -> None:
    alone, away = desk.anew(), ScriptedModel(lambda _: ModelUnavailable("away"))
    alone.run(ScriptedModel([], ModelUnavailable("away")), desk.lines(*LOUD))
    desk.run(away, desk.lines(*LOUD), patience=0.2)
    assert desk.sink.findings == alone.sink.findings
    assert {each.method for each in desk.sink.findings} == {"classifier", "rules"}


def test_a_model_that_is_away_from_the_start_is_not_waited_for(desk: Desk) -> None:
    outcome = desk.run(ScriptedModel([], ModelUnavailable("nobody is there")), desk.lines(*QUIET), patience=1e9)
    assert (outcome.model, outcome.waiting, outcome.problem) == ("", 2, "nobody is there")


def test_what_was_not_asked_is_asked_in_the_next_run(desk: Desk, verdicts_only: Answers) -> None:
    desk.run(ScriptedModel([], ModelUnavailable("away")), desk.lines(*QUIET))
    outcome = desk.run(ScriptedModel(verdicts_only))
    assert outcome.judged == 2
    assert [each.label for each in desk.latest("sentiment")] == ["negative"]


def test_a_pattern_is_judged_once(desk: Desk, verdicts_only: Answers) -> None:
    desk.run(ScriptedModel(verdicts_only), desk.lines(*QUIET))
    again = ScriptedModel(verdicts_only)
    desk.run(again, desk.lines(*QUIET))
    assert [each.task for each in again.prompts if each.task == "judge"] == []


def test_patterns_of_an_answer_that_is_not_valid_are_asked_about_one_by_one(desk: Desk) -> None:
    def answer(prompt: Prompt) -> Mapping[str, Any] | str:
        return desk.judgement(prompt) if len(prompt.schema["properties"]) == 2 else "well"

    model = ScriptedModel(answer)
    outcome = desk.run(model, desk.lines(*QUIET))
    assert (outcome.judged, outcome.unanswered) == (2, 0)


def test_what_has_no_valid_answer_keeps_the_classifiers_verdict_and_is_not_asked_again(desk: Desk) -> None:
    outcome = desk.run(ScriptedModel(lambda _: "well"), desk.lines(*QUIET))
    assert (outcome.judged, outcome.unanswered, outcome.waiting) == (0, 2, 0)
    assert {each.method for each in desk.sink.findings} == {"classifier", "rules"}
    again = ScriptedModel(lambda _: "well")
    desk.run(again)
    assert again.prompts == []


def test_an_answer_that_was_cut_is_none(desk: Desk) -> None:
    cut = ScriptedModel(lambda prompt: Completion("{}", finished=False, reason="length"))
    assert desk.run(cut, desk.lines(*QUIET)).unanswered == 2


def test_other_weights_are_asked_anew(desk: Desk, verdicts_only: Answers) -> None:
    desk.run(ScriptedModel(verdicts_only), desk.lines(*QUIET))
    other = ScriptedModel(desk.judgement, Identity("scripted", "ab" * 32))
    desk.run(other, desk.lines(*QUIET))
    assert [each.task for each in other.prompts if each.task == "judge"] == ["judge"]


def test_known_verdicts_hold_while_the_model_is_away(desk: Desk, verdicts_only: Answers) -> None:
    desk.run(ScriptedModel(verdicts_only), desk.lines(*QUIET))
    away = desk.anew(store=desk.store)
    away.run(ScriptedModel([], ModelUnavailable("away")), desk.lines(*QUIET, start=START_LATER))
    assert [(each.label, each.method) for each in away.latest("sentiment")] == [("negative", "model")]


def test_a_model_that_fails_its_trial_judges_nothing_and_that_is_told(desk: Desk) -> None:
    desk = desk.anew(trial=True)
    model = ScriptedModel(lambda prompt: desk.judgement(prompt, severity="critical"))
    outcome = desk.run(model, desk.lines(*QUIET))
    assert "judges worse than the embedded classifier (right on 14 of 64 control messages" in outcome.problem
    assert {each.method for each in desk.sink.findings} == {"classifier", "rules"}


def test_a_model_that_was_measured_before_it_serves_stands_no_trial(desk: Desk) -> None:
    class Measured(ScriptedModel):
        gated = True

    desk = desk.anew(trial=True)
    outcome = desk.run(model := Measured(lambda prompt: desk.words(prompt, "?")), desk.lines("frobnicator jammed"))
    judged = [each for each in model.prompts if each.task == "judge"]
    assert (outcome.judging, outcome.judged, len(judged)) == (True, 1, 1)


def test_a_trial_is_held_once_for_the_same_weights(desk: Desk) -> None:
    desk = desk.anew(trial=True)
    desk.run(ScriptedModel(desk.judgement), desk.lines(*QUIET))
    again = ScriptedModel(desk.judgement)
    desk.run(again)
    assert again.prompts == []


def test_suspicious_patterns_are_asked_about_first(desk: Desk) -> None:
    desk = desk.anew(patterns=1)
    model = ScriptedModel(desk.judgement)
    desk.run(model, desk.lines("user 5 logged in", *["fan 3 is turning"] * 50, *LOUD[:3]), grace=inf)
    asked = [each.user for each in model.prompts if each.task == "judge"]
    assert ["disk" in asked[0], "fan" in asked[1], "user" in asked[2]] == [True] * 3


def test_the_model_words_what_was_found(desk: Desk) -> None:
    text = "An outage of the frobnicator was found and somebody should have a look at its state."
    model = ScriptedModel(lambda prompt: desk.words(prompt, text))
    outcome = desk.run(model, desk.lines(*QUIET))
    told = {each.explanation: each.told_by for each in desk.latest("summary")}
    assert told == {text: SCRIPTED.name}
    assert outcome.untold == 0


def test_words_with_a_wrong_figure_are_not_used(desk: Desk) -> None:
    model = ScriptedModel(lambda prompt: desk.words(prompt, "There were 4711 errors of the frobnicator in this time."))
    outcome = desk.run(model, desk.lines(*QUIET))
    retry = [each.user for each in model.prompts if each.task == "narrate"][1]
    assert "4711" in retry
    assert [each.told_by for each in desk.latest("summary")] == [None]
    assert outcome.told == 0 and outcome.untold >= 2


def test_ingest_does_not_wait_for_the_model(desk: Desk, verdicts_only: Answers) -> None:
    async def never(seconds: float) -> None:
        await asyncio.Event().wait()

    outcome = desk.run(ScriptedModel(verdicts_only, delay=1, sleep=never), desk.lines(*QUIET), patience=0)
    assert len(desk.sink.findings) == 3
    assert outcome.waiting == 2


def test_a_plugin_that_raises_costs_its_answer_alone(desk: Desk) -> None:
    alone = desk.anew()
    alone.run(ScriptedModel([], ModelUnavailable("away")), desk.lines(*QUIET))
    outcome = desk.run(ScriptedModel(lambda _: KeyError("mistake")), desk.lines(*QUIET))
    assert (outcome.judged, outcome.unanswered) == (0, 2)
    assert desk.sink.findings == alone.sink.findings


def test_a_plugin_that_cannot_say_who_answers_is_left_alone(desk: Desk) -> None:
    outcome = desk.run(ScriptedModel([], KeyError("mistake")), desk.lines(*QUIET))
    assert (outcome.model, outcome.problem) == ("", "'mistake'")


def test_what_waits_for_a_forgotten_pattern_is_forgotten(desk: Desk) -> None:
    desk.store.add_pending([Pending("judge", "00000000000000aa", 1.0)])
    assert desk.run(ScriptedModel(desk.judgement), desk.lines(*QUIET)).judged == 2
    assert desk.store.pending("judge") == []
