"""What the error answers of OpenAI-compatible servers mean."""

from __future__ import annotations

from sllm_core.models.language_model import ModelRefused, ModelUnavailable

from ..wire import Failure, Judge, refusal

INVALID = (400, 422, 500, 501)


class LogprobsRefused(ModelRefused):
    """The server answers, but not with log-probabilities."""


def judge_for(model: str) -> Judge:
    """Judges answers to calls for this model."""

    def judge(failure: Failure) -> Exception:
        text = failure.said.lower()
        if failure.status in INVALID and "logprob" in text:
            return LogprobsRefused(f"{failure.url} refuses (status {failure.status}): {failure.said}")
        if failure.status == 404:
            return _missing(failure, model)
        if failure.status == 400 and "context" in text:
            what = f"{model}: the prompt and its answer have more tokens than the server allows"
            return ModelRefused(f"{what} ({failure.said})")
        if failure.status == 500 and not failure.said:
            return ModelUnavailable(f"{failure.url} broke off (status 500)")
        return refusal(failure)

    return judge


def _missing(failure: Failure, model: str) -> ModelRefused:
    if failure.said:
        return ModelRefused(f"{failure.url}: {failure.said}; has it a model {model}?")
    return ModelRefused(f"{failure.url} does not know {failure.path}; base_url usually ends with /v1")
