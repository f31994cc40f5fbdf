"""What an answer in OpenAI's protocol is worth: whether it is whole, and how sure the model was of each token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sllm_core.models.language_model import Completion

from ..log_probabilities import read_tokens

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage


def read_answer(message: AIMessage, context: int, seconds: float) -> Completion:
    """The answer; it is finished only if the server says that the model came to an end by itself."""
    about = message.response_metadata
    usage = message.usage_metadata
    prompt, answer = (usage["input_tokens"], usage["output_tokens"]) if usage else (0, 0)
    reason = _reason(about.get("finish_reason"), message.additional_kwargs, prompt + answer, context)
    return Completion(
        text=str(message.text),
        finished=not reason,
        reason=reason,
        tokens=read_tokens(_entries(about.get("logprobs"))),
        prompt_tokens=prompt,
        answer_tokens=answer,
        seconds=seconds,
    )


def _reason(done: object, extra: Mapping[str, Any], tokens: int, context: int) -> str:
    if extra.get("refusal"):
        return "the model declined to answer"
    if done is None:
        return "the server broke the answer off"
    if done == "length":
        return "the answer was cut"
    if done != "stop":
        return f"the server ended with {done!r} instead of an answer"
    if tokens > context:
        return f"prompt and answer have {tokens} tokens, more than the {context} of the context"
    return ""


def _entries(logprobs: object) -> list[Mapping[str, Any]] | None:
    return logprobs.get("content") if isinstance(logprobs, Mapping) else None
