from __future__ import annotations

import asyncio
import json
import math
import re
from collections.abc import Callable, Sequence

import pytest

from sllm_core.classifier import Classifier, Verdicts
from sllm_core.evaluation.data import label_data
from sllm_core.evaluation.embedded_judge import EmbeddedJudge
from sllm_core.evaluation.evaluate import Options, evaluate
from sllm_core.evaluation.judge import Answer, Costs, Prediction
from sllm_core.evaluation.model_judge import ModelJudge
from sllm_core.evaluation.reading import Labelled
from sllm_core.evaluation.results import Evaluation
from sllm_core.evaluation.splits import Split
from sllm_core.models import Completion, Gateway, Limits, ModelUnavailable, Prompt, Token
from sllm_core.plugin import PluginError
from sllm_core.redaction import Redactor
from sllm_core.review.examiner import Terms
from sllm_core.store import Store
from sllm_core.testing import ScriptedModel

ENDS = ("ended", "failed")
ROWS = [Labelled(f"step{' then' * place} {ENDS[place % 2]}", severity=2 * (place % 2)) for place in range(20)]
FIRST = "template: step ended"
ODDS = {"negative": 0.6, "neutral": 0.3, "positive": 0.1}, {"critical": 0.6, "warning": 0.3, "normal": 0.1}
Answers = Callable[[Prompt], Completion | Exception | dict[str, str]]


def entries(prompt: Prompt) -> int:
    return len(prompt.schema["required"]) // 2


def says(prompt: Prompt, sentiment: str = "negative", severity: str = "critical") -> dict[str, str]:
    """The same labels for every entry."""
    labels = {"sentiment": sentiment, "severity": severity}
    return {f"{place}_{name}": label for place in range(1, entries(prompt) + 1) for name, label in labels.items()}


def with_odds(prompt: Prompt) -> Completion:
    """The first labels of ODDS for every entry, each written as one token."""
    text = json.dumps(says(prompt))
    parts = re.split('("negative"|"critical")', text)
    return Completion(text, tokens=tuple(map(token, parts)), prompt_tokens=100, answer_tokens=10)


def token(text: str) -> Token:
    odds = next((each for each in ODDS if text.strip('"') in each), None)
    if odds is None:
        return Token(text, 0.0)
    return Token(text, math.log(0.6), tuple((f'"{word}"', math.log(share)) for word, share in odds.items()))


def judged(answers: Answers, rows: Sequence[Labelled] = ROWS) -> tuple[list[Prediction], Costs, ScriptedModel]:
    model = ScriptedModel(answers)

    async def ask() -> tuple[list[Prediction], Costs]:
        data = label_data(rows)
        with Store() as memory:
            gateway = Gateway(model, Limits(retries=0))
            judge = await ModelJudge.meet(gateway, data.patterns, memory, Terms(Redactor()))
            predictions = await judge.judge(data.rows, lambda done, total: None)
            await gateway.close()
            return predictions, judge.costs

    return *asyncio.run(ask()), model


def test_a_few_patterns_are_judged_in_each_call() -> None:
    predictions, costs, model = judged(says)
    assert [each.severity for each in predictions] == [Answer(2)] * 20
    assert sorted(map(entries, model.prompts)) == [4, 8, 8]
    assert (costs.calls, costs.failures) == (3, 0)


def test_rows_of_one_pattern_are_judged_once() -> None:
    rows = [Labelled(f"disk {place} is full", severity=2, level="ERROR") for place in range(50)]
    predictions, _, model = judged(says, rows)
    assert len(predictions) == 50
    assert [entries(each) for each in model.prompts] == [1]
    assert "level=ERROR count=50" in model.prompts[0].user


def test_confidences_come_from_the_log_probabilities() -> None:
    predictions, _, _ = judged(with_odds)
    severity = predictions[0].severity
    assert severity is not None and severity.odds is not None
    assert severity.confidence == pytest.approx(0.6, abs=0.01)
    assert predictions[0].problem == pytest.approx(0.9, abs=0.01)


def test_without_log_probabilities_the_label_is_the_rank() -> None:
    predictions, _, _ = judged(lambda prompt: says(prompt, "neutral", "warning"))
    assert (predictions[0].severity, predictions[0].problem) == (Answer(1), 0.5)


def test_what_is_not_answered_together_is_asked_one_by_one() -> None:
    def answer(prompt: Prompt) -> dict[str, str]:
        spoilt = entries(prompt) > 1 or FIRST in prompt.user
        return {"nonsense": "yes"} if spoilt else says(prompt)

    predictions, costs, _ = judged(answer)
    assert [each.severity is None for each in predictions] == [True] + [False] * 19
    assert costs.failures == 1


def test_a_model_that_is_away_cannot_be_measured() -> None:
    with pytest.raises(PluginError, match="connection refused"):
        judged(lambda prompt: ModelUnavailable("connection refused"))


def test_a_server_that_goes_away_leaves_patterns_unanswered() -> None:
    def answer(prompt: Prompt) -> Exception | dict[str, str]:
        return ModelUnavailable("gone") if FIRST in prompt.user else says(prompt)

    predictions, costs, _ = judged(answer)
    assert sum(each.severity is None for each in predictions) == costs.failures == 8


def calibrated(memory: Store) -> Evaluation:
    async def measure() -> Evaluation:
        data = label_data(ROWS)
        gateway = Gateway(ScriptedModel(with_odds))
        judge = await ModelJudge.meet(gateway, data.patterns, memory, Terms(Redactor()))
        embedded = EmbeddedJudge(Verdicts(Classifier.load, data.patterns))
        options = Options(Split("pattern", "pattern:0.5", 0.5), calibrate=True, resamples=10)
        found = await evaluate(data, [judge], embedded, options, lambda done, total: None)
        await gateway.close()
        return found

    return asyncio.run(measure())


def test_a_model_that_is_too_sure_becomes_less_so() -> None:
    with Store() as memory:
        (first, *_) = calibrated(memory).judges
    assert first.calibrations is not None and first.calibrations.severity is not None
    assert first.calibrations.sentiment is None
    calibration = first.questions["severity"].calibration
    assert calibration is not None
    (confidence,) = [each.confidence for each in calibration.bins if each.confidence is not None]
    assert first.calibrations.severity.temperature > 1
    assert confidence < 0.6


def test_a_kept_calibration_holds_for_the_same_model() -> None:
    with Store() as memory:
        (first, *_) = calibrated(memory).judges
        assert first.calibrations is not None
        ModelJudge.keep(memory, first.version, first.calibrations)

        async def meet() -> ModelJudge:
            return await ModelJudge.meet(
                Gateway(ScriptedModel(with_odds)), label_data(ROWS).patterns, memory, Terms(Redactor())
            )

        assert asyncio.run(meet()).calibrations == first.calibrations
