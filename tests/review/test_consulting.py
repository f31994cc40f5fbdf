from __future__ import annotations

import asyncio

from sllm_core.buffers import to_arrow
from sllm_core.classifier import Classifier, Verdicts
from sllm_core.classifier.human_labels import HumanLabel
from sllm_core.models import Gateway, Limits, ModelUnavailable, Prompt
from sllm_core.records import LogBatch
from sllm_core.review import consulting
from sllm_core.review.examiner import Terms
from sllm_core.review.reviewer import Reviewer
from sllm_core.store import Store
from sllm_core.testing import ScriptedModel, records


class Plain:
    """A redactor that hides nothing."""

    def session(self) -> Plain:
        return self

    def redact(self, text: str) -> str:
        return text


def worst(prompt: Prompt) -> dict[str, str]:
    return {name: each["enum"][-1] for name, each in prompt.schema["properties"].items()}


async def _nothing() -> None:
    return None


def scene(model: ScriptedModel, *questions: tuple[str, float], trial: bool = False) -> list[tuple[str, bool]]:
    """What each question, with its patience, was told, and whether the model's verdict holds for it then."""

    async def play() -> list[tuple[str, bool]]:
        with Store() as store:
            verdicts, limits = Verdicts(Classifier.load, store.patterns), Limits(retries=0, failures=1, pause=60)
            gateway, terms = Gateway(model, limits), Terms(Plain(), trial=trial)
            reviewer = Reviewer(gateway, store, verdicts, (), terms, _nothing, print, grace=0)
            working = asyncio.create_task(reviewer.run())
            while not (reviewer.reached or reviewer.outcome.problem):
                await asyncio.sleep(0.001)
            found = []
            for text, patience in questions:
                batch = _batch(store, text)
                told = await reviewer.consultation.judged(batch, patience)
                found.append((told, bool(verdicts.judge(batch.patterns[0], [None]).by_model.all())))
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
            return found

    return asyncio.run(play())


def test_what_humans_have_labelled_is_not_waited_for() -> None:
    async def play() -> tuple[str, int]:
        with Store() as store:
            batch, verdicts = _batch(store, "door opened"), Verdicts(Classifier.load, store.patterns)
            model = ScriptedModel(worst, delay=3600)
            pattern = int(batch.patterns[0][0])
            severity = HumanLabel(pattern, "severity", "critical", "kim")
            verdicts.label([severity, HumanLabel(pattern, "sentiment", "negative", "kim")])
            reviewer = Reviewer(
                Gateway(model, Limits()), store, verdicts, (), Terms(Plain(), trial=False), _nothing, print
            )
            return await reviewer.consultation.judged(batch, 0), len(model.prompts)

    assert asyncio.run(play()) == ("", 0)


def _batch(store: Store, text: str) -> LogBatch:
    table = records(text)
    return LogBatch(
        "request", "x", table.append_column("pattern", to_arrow(store.patterns.assign("request", table["message"])))
    )


def test_what_the_model_has_judged_it_is_asked_once() -> None:
    model = ScriptedModel(worst)
    assert scene(model, ("a parcel", 30), ("a parcel", 0)) == [("", True), ("", True)]
    assert len(model.prompts) == 1


def test_a_model_that_is_too_slow_is_not_waited_for() -> None:
    assert scene(ScriptedModel(worst, delay=3600), ("a parcel", 0.01)) == [(consulting.LATE, False)]


def test_a_model_that_is_away_is_not_waited_for_at_all() -> None:
    away = ScriptedModel([], ModelUnavailable("no such host"))
    assert scene(away, ("a parcel", 3600)) == [(consulting.AWAY, False)]


def test_a_model_that_goes_away_is_not_waited_for_any_longer() -> None:
    model = ScriptedModel(lambda _: ModelUnavailable("connection reset"))
    assert scene(model, ("a parcel", 3600)) == [(consulting.AWAY, False)]


def test_a_model_without_a_valid_answer_is_told() -> None:
    assert scene(ScriptedModel(lambda _: "no JSON"), ("a parcel", 3600)) == [(consulting.SILENT, False)]


def test_a_model_that_has_failed_its_trial_is_not_asked() -> None:
    best = ScriptedModel(lambda prompt: {name: each["enum"][0] for name, each in prompt.schema["properties"].items()})
    assert scene(best, ("a parcel", 3600), trial=True) == [(consulting.NOT_READY, False)]
