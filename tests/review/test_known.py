from __future__ import annotations

from typing import TYPE_CHECKING

from sllm_core.review.known import known_verdicts
from sllm_core.store import Store
from sllm_core.testing import ScriptedModel

if TYPE_CHECKING:
    from tests.review.conftest import Desk


def test_who_only_looks_finds_what_the_model_said_last(desk: Desk) -> None:
    desk.run(ScriptedModel(desk.judgement), desk.lines("frobnicator on", "widget off"))
    said = known_verdicts(desk.store)
    assert (said.version, len(said.patterns)) == ("scripted@5c5c5c5c5c5c judge-1.en", 2)


def test_without_a_model_nothing_was_said() -> None:
    assert (known_verdicts(Store()).version, len(known_verdicts(Store()).patterns)) == ("", 0)


def test_a_model_that_failed_its_trial_has_said_nothing(desk: Desk) -> None:
    desk.run(ScriptedModel(desk.judgement), desk.lines("frobnicator on"))
    desk.anew(store=desk.store, trial=True).run(ScriptedModel(lambda _: "well"))
    assert known_verdicts(desk.store).version == ""
