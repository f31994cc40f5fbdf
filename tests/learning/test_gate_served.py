"""The gate before candidates that are language models, which answer when they are asked, or do not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from learning_scene import Answering, judged
from sllm_core.classifier import SEVERITIES, Classifier
from sllm_core.learning.candidate import Candidate
from sllm_core.learning.checks import Check
from sllm_core.learning.dataset import Dataset, Example
from sllm_core.learning.gate import Gate, Judged, corpus_examples, corpus_sample, unlearnt_corpus
from sllm_core.learning.orders import Step
from sllm_core.learning.parts import part_of_text
from sllm_core.learning.prompted import Asked
from sllm_core.learning.reference import Best
from sllm_core.settings.sections import LearningSection
from sllm_core.web.dashboard.gate_text import check_name, check_need
from sllm_core.web.dashboard.words import words
from summary_scene import TOLD, told

Odds = Callable[[Sequence[Example]], NDArray[np.float64]]
SHIPPED = Classifier.load()
WRONG = "In the past hour, 99 records were logged, without errors."


@dataclass
class Speaking:
    """A language model that says what it is told to, each answer in so many seconds."""

    said: Odds
    model: str = "m"
    seconds: float = 0.2
    invalid: float = 0.0
    undecided: float = 0.0
    text: str | None = TOLD
    asked: list[Asked] = field(default_factory=list)
    closed: int = 0
    order: list[str] = field(default_factory=list)

    async def odds(self, task: str, examples: Sequence[Example]) -> NDArray[np.float64]:
        found = np.array(self.said(examples))
        for place in range(len(examples)):
            number = len(self.asked)
            valid, open_ = number % 100 >= 100 * self.invalid, number % 100 < 100 * self.undecided
            self.asked.append(Asked(task, valid, open_, self.seconds))
            found[place] = found[place] if valid else np.nan
        self.order.append(self.model)
        return found

    async def texts(self, examples: Sequence[Example]) -> list[str | None]:
        self.asked += [Asked("summary", True, False, self.seconds) for _ in examples]
        return [self.text for _ in examples]

    async def close(self) -> None:
        self.closed += 1


def examples(count: int, part: str, label: str = "critical") -> list[Example]:
    text = "unit {} drifting beyond band"
    return [
        Example("anomaly", f"{place:016x}", text.format(f"{part}{place}"), label, part)  # type: ignore[arg-type]
        for place in range(count)
    ]


ENOUGH = Dataset((*examples(80, "train"), *examples(60, "test"), *examples(60, "golden", "normal")))


def shipped(asked: Sequence[Example]) -> NDArray[np.float64]:
    return judged(SHIPPED, asked)


def better(asked: Sequence[Example]) -> NDArray[np.float64]:
    """What is right of the team's own messages, and else what the shipped classifier says."""
    found = shipped(asked)
    for place, each in enumerate(asked):
        if "drifting" in each.text:
            found[place] = np.eye(3)[SEVERITIES.index(each.label)]
    return found


def forgetful(asked: Sequence[Example]) -> NDArray[np.float64]:
    """Better, but every fifth message of the corpus is lost on it."""
    found = better(asked)
    found[[not each.key and not place % 5 for place, each in enumerate(asked)]] = [0, 1, 0]
    return found


def opened(
    after: Speaking, before: Speaking | None = None, dataset: Dataset = ENOUGH, **terms: object
) -> tuple[Judged, Speaking, Speaking]:
    first = before or Speaking(shipped, "old")
    gate = Gate(LearningSection.model_validate(terms))
    tasks = ("anomaly", "summary") if dataset.of("summary") else ("anomaly",)
    candidate = Candidate("new", "old", Path(), after, first)
    return asyncio.run(gate.judge(candidate, dataset, tasks)), first, after


def failed(judged: Judged) -> list[str]:
    return [each["name"] for each in judged.report["checks"] if not each["passed"]]


def test_what_is_better_and_answers_as_well_may_be_promoted() -> None:
    found, _, _ = opened(Speaking(better))
    assert (found.outcome, failed(found)) == ("promoted", [])
    assert found.report["served"]["candidate"]["valid"] == 1.0
    assert found.report["regression"]["anomaly"]["n"] == 200


def test_all_of_one_model_comes_before_all_of_the_other() -> None:
    order: list[str] = []
    opened(Speaking(better, "new", order=order), Speaking(shipped, "old", order=order))
    half = len(order) // 2
    assert (set(order[:half]), set(order[half:])) == ({"old"}, {"new"})


@pytest.mark.parametrize(
    ("candidate", "check"),
    [
        (Speaking(better, invalid=0.02), "valid answers"),
        (Speaking(better, undecided=0.05), "abstentions"),
        (Speaking(better, seconds=0.4), "time of an answer"),
        (Speaking(forgetful), "anomaly: shipped corpus"),
        (Speaking(shipped), "better"),
    ],
)
def test_what_answers_worse_is_refused(candidate: Speaking, check: str) -> None:
    found, _, _ = opened(candidate)
    assert found.outcome == "refused"
    assert check in failed(found)


def test_a_little_slower_is_not_noticed() -> None:
    found, _, _ = opened(Speaking(better, seconds=0.09), Speaking(shipped, "old", seconds=0.01))
    assert "time of an answer" not in failed(found)


def test_answers_that_were_not_given_count_as_wrong() -> None:
    found, _, _ = opened(Speaking(better, invalid=0.5))
    figures = found.report["tasks"]["anomaly"]
    assert figures["accuracy"]["candidate"] == pytest.approx(0.5, abs=0.1)
    assert "anomaly: canaries" not in failed(found)


def test_of_each_kind_no_more_is_asked_than_allowed() -> None:
    found, first, after = opened(Speaking(better), asked=50)
    assert (found.report["tasks"]["anomaly"]["n"], found.report["regression"]["anomaly"]["n"]) == (50, 50)
    assert len(first.asked) == len(after.asked) < 120


def test_what_may_be_replayed_is_not_measured_on() -> None:
    unlearnt = unlearnt_corpus("anomaly")
    assert {part_of_text(each.text) for each in unlearnt} == {"dev", "test", "golden"}
    assert 0.3 < len(unlearnt) / len(corpus_examples("anomaly")) < 0.5


def test_progress_is_told_suite_by_suite() -> None:
    steps: list[Step] = []
    candidate = Candidate("new", "old", Path(), Speaking(better), Speaking(shipped))
    asyncio.run(Gate(LearningSection()).judge(candidate, ENOUGH, ["anomaly"], tell=steps.append))
    assert [each.done for each in steps] == list(range(1, 6))
    assert {each.total for each in steps} == {6}


def test_small_losses_do_not_add_up_over_versions() -> None:
    figures = opened(Speaking(better))[0].report["regression"]["anomaly"]
    best = {("anomaly", figures["suite"]): Best("older", figures["suite"], figures["candidate"] + 0.05)}
    candidate = Candidate("new", "old", Path(), Speaking(better), Speaking(shipped))
    found = asyncio.run(Gate(LearningSection()).judge(candidate, ENOUGH, ["anomaly"], best))
    assert failed(found) == ["anomaly: shipped corpus, beside the best"]


def test_what_was_labelled_last_must_not_get_worse() -> None:
    def behind(asked: Sequence[Example]) -> NDArray[np.float64]:
        found = better(asked)
        found[["recent" in each.text for each in asked]] = [0, 1, 0]
        return found

    recent = Dataset((*ENOUGH.examples, *examples(40, "recent")))
    found, _, _ = opened(Speaking(behind), Speaking(better, "old"), recent)
    assert "anomaly: newest labels" in failed(found)
    assert "anomaly: newest labels" not in failed(opened(Speaking(better), None, recent)[0])


SUMMARIES = Dataset(
    tuple(told(key=f"{place:032x}", part="test" if place % 2 else "train", by=("kim",)) for place in range(130))
)


def test_summaries_with_wrong_figures_are_refused() -> None:
    found, _, _ = opened(Speaking(better, text=WRONG), None, SUMMARIES)
    assert "summary: figures and words" in failed(found)
    assert found.report["tasks"]["summary"]["candidate"] == 0


def test_summaries_that_are_right_more_often_are_better() -> None:
    found, _, _ = opened(Speaking(better), Speaking(shipped, "old", text=WRONG), SUMMARIES)
    assert (found.report["tasks"]["summary"]["difference"], "better" in failed(found)) == (1.0, False)
    assert found.report["tasks"]["summary"]["overlap"]["candidate"] == 1.0


def test_summaries_that_did_not_come_are_not_right() -> None:
    found, _, _ = opened(Speaking(better, text=None), None, SUMMARIES)
    assert found.report["tasks"]["summary"]["candidate"] == 0


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_condition_has_words_in_both_languages(language: str) -> None:
    checks = [*opened(Speaking(better), None, Dataset((*ENOUGH.examples, *SUMMARIES.examples)))[0].report["checks"]]
    values = {"task": "anomaly", "least": 0.9, "version": "older"}
    checks += [Check("", True, 1, "", "reference", values).to_json()]
    checks += [Check("", True, 1, "", "recent", {"task": "anomaly", "below": 0.05}).to_json()]
    texts = [part for each in checks for part in (check_name(each, words(language)), check_need(each, words(language)))]
    assert [each for each in texts if each.language] == []
    assert len({each["code"] for each in checks}) == 14


def test_the_same_messages_of_the_corpus_are_asked_about_for_every_task() -> None:
    first, second = (corpus_sample(task, 100) for task in ("sentiment", "anomaly"))
    assert [each.text for each in first] == [each.text for each in second]
    assert (len(second), len({each.label for each in first})) == (100, 3)


def test_beside_what_is_no_language_model_it_must_still_answer_validly() -> None:
    candidate = Candidate("new", "old", Path(), Speaking(better, invalid=0.1), Answering(SHIPPED))
    found = asyncio.run(Gate(LearningSection()).judge(candidate, ENOUGH, ["anomaly"]))
    assert "valid answers" in failed(found)
    assert found.report["served"]["incumbent"] is None
