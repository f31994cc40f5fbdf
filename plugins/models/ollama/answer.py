"""What an answer of Ollama is worth: whether it is whole, and how sure the model was of each token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sllm_core.models.language_model import Completion

from ..log_probabilities import read_tokens

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage

NANO = 1e-9


def read_answer(message: AIMessage, context: int) -> Completion:
    """The answer; it is finished only if the server says that the model came to an end, and nothing was cut.

    Every loss (an answer cut, a prompt shortened, a loop broken off) comes with status 200.
    """
    about = message.response_metadata
    prompt, answer = _count(about, "prompt_eval_count"), _count(about, "eval_count")
    reason = _reason(about.get("done_reason"), prompt, answer, context)
    return Completion(
        text=str(message.content),
        finished=not reason,
        reason=reason,
        tokens=read_tokens([each.model_dump() for each in about.get("logprobs") or ()]),
        prompt_tokens=prompt,
        answer_tokens=answer,
        seconds=(_count(about, "prompt_eval_duration") + _count(about, "eval_duration")) * NANO,
    )


def _reason(done: object, prompt: int, answer: int, context: int) -> str:
    if done is None:
        return "the server broke the answer off, as it does when a model repeats itself"
    if done == "length":
        return f"the answer was cut after {answer} tokens"
    if done != "stop":
        return f"the server ended with {done!r} instead of an answer"
    if prompt >= context or prompt + answer > context:
        return f"the prompt was shortened: with its answer it has more than the {context} tokens of num_ctx"
    return ""


def _count(about: Mapping[str, Any], key: str) -> int:
    value = about.get(key)
    return value if isinstance(value, int) else 0
