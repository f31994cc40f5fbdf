"""The whole loop on a language model that is really served: labels, an adapter, the gate, the switch, and the way back.

The base is a Llama of a million weights (`trained_llama`). It reads the judge's whole prompt and knows the old policy
of a plant; the team labels its messages by another policy. `-m loop -s` shows what was measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import pytest

from learning_loop import (
    LABELLED,
    REMEMBERED,
    UNLABELLED,
    WRONG,
    Plant,
    base_tag,
    plant,
    plant_corpus,
    told_as_text,
)
from shifted_task import old_messages
from sllm_core.learning.attempt import BY
from sllm_core.learning.orders import TuningResult
from sllm_core.learning.watching import Sight, Watch
from sllm_core.models import Completion
from trained_llama import patient

pytestmark = [
    pytest.mark.loop,
    pytest.mark.skipif(find_spec("peft") is None, reason="needs the extra tune: pip install 'sllm[tune]'"),
]

SLOW = 1800.0
"""Seconds that a busy machine may take for a run of tuning."""


@dataclass
class Measured:
    """What the model that serves has right, before the tuning and after it."""

    old: tuple[float, float]
    new: tuple[float, float]
    written: tuple[list[Completion], list[Completion]]


@pytest.fixture(scope="module")
def tag(ollama_url: str) -> Iterator[str]:
    with plant_corpus(), patient(SLOW), base_tag(ollama_url) as made:
        yield made


@pytest.fixture(scope="module")
def team(tag: str, ollama_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """A team that has labelled what is new."""
    with plant(tmp_path_factory.mktemp("store"), ollama_url, tag) as made:
        made.label(LABELLED)
        yield made


def written(team: Plant) -> list[Completion]:
    return team.completions([text for text, _ in (*REMEMBERED[:4], *UNLABELLED[:4])])


@pytest.fixture(scope="module")
def before(team: Plant) -> tuple[float, float, list[Completion]]:
    with patient(SLOW):
        return team.right(REMEMBERED), team.right(UNLABELLED), written(team)


@pytest.fixture(scope="module")
def result(team: Plant, before: tuple[float, float, list[Completion]]) -> TuningResult:
    with patient(SLOW):
        found = team.tune("run-1")
    print(f"\n{told_as_text('learnt', found)}")
    return found


@pytest.fixture(scope="module")
def measured(team: Plant, before: tuple[float, float, list[Completion]], result: TuningResult) -> Measured:
    with patient(SLOW):
        old, new, text = team.right(REMEMBERED), team.right(UNLABELLED), written(team)
    found = Measured((before[0], old), (before[1], new), (before[2], text))
    print(f"\nright, before and after: old policy {found.old}, new policy {found.new}")
    return found


def test_the_base_knows_the_old_policy_and_not_the_new_one(before: tuple[float, float, list[Completion]]) -> None:
    old, new, _ = before
    assert (old >= 0.85, new < 0.5) == (True, True), (old, new)


def test_what_was_learnt_passes_the_gate(result: TuningResult) -> None:
    assert result.outcome == "promoted", result.detail
    figures = result.report["tasks"]["anomaly"]
    assert figures["candidate"] > 0.9 and figures["low"] > 0.3


def test_it_serves_from_then_on_also_for_what_nobody_labelled(measured: Measured, team: Plant) -> None:
    assert measured.new[1] >= 0.95
    assert team.gateway.serving is not team.gateway.model


def test_what_was_known_before_is_not_forgotten(measured: Measured) -> None:
    assert measured.old[1] >= measured.old[0] - 0.02


def test_each_answer_is_one(measured: Measured) -> None:
    assert all(each.finished for each in measured.written[1])


def test_labels_that_nobody_added_to_are_not_learnt_again(result: TuningResult, team: Plant) -> None:
    again = team.tune("run-2")
    assert (again.outcome, "nothing was labelled since" in again.detail) == ("insufficient", True)


def test_going_back_restores_every_answer_to_the_last_digit(measured: Measured, team: Plant) -> None:
    team.learning.registry.rollback("lora", "kim")
    assert written(team) == measured.written[0] != measured.written[1]


def test_and_forward_again(measured: Measured, result: TuningResult, team: Plant) -> None:
    team.learning.registry.promote(str(result.version), "kim")
    assert written(team) == measured.written[1]


@pytest.fixture(scope="module")
def watched(measured: Measured, result: TuningResult, team: Plant) -> Watch:
    """The base judged for a while, and people agreed with it; then tuning promoted the version."""
    registry, watch = team.learning.registry, team.watch()
    registry.rollback("lora", "kim")
    team.judge([text for text, _ in UNLABELLED])
    watch.look()
    team.label([(text, "normal") for text, _ in UNLABELLED[:10]], at=datetime.now(UTC))
    registry.promote(str(result.version), BY)
    team.judge([text for text, _ in UNLABELLED])
    return watch


def looked(watch: Watch) -> Sight:
    return next(each for each in watch.look() if each.tuner == "lora")


def test_labels_that_changed_as_in_the_gate_are_no_drift(watched: Watch) -> None:
    found = [looked(watched) for _ in range(3)]
    assert {each.state for each in found} == {"watching"}
    mix = next(each for each in found[-1].measures if each.key == "label mix anomaly")
    assert mix.seen >= 30
    print(f"\nwatched: {mix}")


def test_the_watch_goes_back_by_itself_where_people_disagree(watched: Watch, measured: Measured, team: Plant) -> None:
    states = []
    for begin in (10, 20):
        other = [(text, WRONG[label]) for text, label in UNLABELLED[begin : begin + 10]]
        team.label(other, at=datetime.now(UTC))
        states.append(looked(watched).state)
    assert states == ["doubtful", "taken back"]
    assert written(team) == measured.written[0]


def refused(folder: Path, url: str, tag: str, labelled: list[tuple[str, str]], **lora: object) -> TuningResult:
    """What comes of other labels or settings, beside the base; nothing but that may serve then."""
    with plant(folder, url, tag, lora) as made, patient(SLOW):
        made.label(labelled)
        found = made.tune("run-1")
        assert made.gateway.serving is made.gateway.model
    print(f"\n{told_as_text('refused', found)}")
    return found


def test_flipped_labels_are_refused_since_the_old_task_suffers(tmp_path: Path, ollama_url: str, tag: str) -> None:
    poison = [(text, WRONG[severity]) for text, (_, severity) in old_messages()[::4]]
    found = refused(tmp_path, ollama_url, tag, poison, least_steps=75)
    assert (found.outcome, "anomaly: shipped corpus" in found.detail) == ("refused", True)


def test_a_flood_of_labels_is_refused_before_anything_is_trained(tmp_path: Path, ollama_url: str, tag: str) -> None:
    with plant(tmp_path, ollama_url, tag) as made:
        made.label(LABELLED)
        flood = [(text, "critical") for text, _ in old_messages()[::3]]
        made.label(flood, via="api", by="bot")
        found = made.tune("run-1")
    assert (found.outcome, found.version) == ("refused", None)
    assert found.report["dataset"]["quarantined"][0]["key"] == "bot"


def test_a_candidate_that_learnt_nothing_but_noise_is_refused(tmp_path: Path, ollama_url: str, tag: str) -> None:
    # Steps so large that the weights go astray.
    found = refused(tmp_path, ollama_url, tag, LABELLED, learning_rate=0.1, epochs=1, least_steps=4)
    assert found.outcome == "refused", found.detail
