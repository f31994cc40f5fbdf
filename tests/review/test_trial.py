from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sllm_core.classifier.corpus import read_corpus
from sllm_core.models import Calibration, Gateway, Prompt
from sllm_core.review.judging import Calibrations, Judge
from sllm_core.review.trial import Trial, hold_trial, read_cases
from sllm_core.safety import Preparation
from sllm_core.testing import ScriptedModel

if TYPE_CHECKING:
    from tests.review.conftest import Desk


def hold(desk: Desk, answer: Callable[[Prompt], Mapping[str, str] | str]) -> Trial:
    model = ScriptedModel(answer)
    judge = Judge(Gateway(model), Preparation(desk.terms.redactor, (), b"k" * 32), "en", 8192)
    return asyncio.run(hold_trial(judge))


def truth(prompt: Prompt) -> dict[str, str]:
    """The right answer to a question of the trial."""
    lines = prompt.user.splitlines()
    answer: dict[str, str] = {}
    for case in read_cases():
        for line in lines:
            place, _, text = line.removeprefix("| ").partition(" template: ")
            if text and text == case.message:
                answer |= {f"{place}_sentiment": case.sentiment, f"{place}_severity": case.severity}
    return {name: answer[name] for name in prompt.schema["properties"]}


def test_the_cases_have_consistent_labels_in_two_languages() -> None:
    cases = read_cases()
    assert {(each.sentiment, each.severity) for each in cases} == {
        ("neutral", "normal"),
        ("positive", "normal"),
        ("neutral", "warning"),
        ("negative", "warning"),
        ("negative", "critical"),
    }
    assert sum(any("가" <= letter <= "힣" for letter in each.message) for each in cases) >= 15


def test_the_classifier_has_not_seen_the_cases() -> None:
    assert {each.message for each in read_corpus()} & {each.message for each in read_cases()} == set()


def test_who_is_always_right_passes(desk: Desk) -> None:
    trial = hold(desk, truth)
    assert (trial.right, trial.cases, trial.worse, trial.refusal("m")) == (64, 64, 0, None)


def test_who_says_the_same_of_all_is_refused(desk: Desk) -> None:
    trial = hold(desk, lambda prompt: desk.judgement(prompt, severity="critical"))
    assert trial.right == 14
    assert "m judges worse than the embedded classifier (right on 14 of 64" in str(trial.refusal("m"))


def test_who_gives_no_valid_answer_is_refused(desk: Desk) -> None:
    assert hold(desk, lambda prompt: "well").right == 0


def test_a_few_more_losses_than_wins_are_chance() -> None:
    assert Trial(64, 45, 49, 6, 10, Calibrations()).refusal("m") is None
    assert Trial(64, 40, 49, 3, 12, Calibrations()).refusal("m") is not None


def test_the_chance_is_that_of_the_sign_test() -> None:
    assert Trial(64, 0, 0, 1, 3, Calibrations()).chance == 5 / 16
    assert Trial(64, 0, 0, 0, 0, Calibrations()).chance == 1


def test_a_trial_is_kept_as_json() -> None:
    trial = Trial(64, 40, 49, 3, 12, Calibrations(None, Calibration(1.5, 64)))
    assert Trial.from_json(trial.to_json()) == trial
