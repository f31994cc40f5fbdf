"""What the error answers of an Ollama server mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sllm_core.models.language_model import ModelRefused, ModelUnavailable

from ..wire import Failure, Judge, refusal

PASSING = (
    "unexpectedly stopped",
    "error was encountered while running the model",
    "runner process has terminated",
    "timed out waiting for",
    "requires more system memory",
)
"""What the server says, with status 500, about a runner that died or could not start; another try may succeed.

The first two were met on Ollama 0.24.0, the others stand in its source.
"""
TUNED = "sllm-tuned"
"""How the tags begin that stand for a base with an adapter; what follows a colon says which."""
TOO_LONG = "exceeds the context length"


class BlobAbsent(ModelRefused):
    """The server does not have this file yet."""


def judge_for(model: str) -> Judge:
    """Judges answers to calls for this model."""

    def judge(failure: Failure) -> Exception:
        special = _STATUSES.get(failure.status)
        found = special(failure, model) if special else None
        return found or refusal(failure)

    return judge


def _missing(failure: Failure, model: str) -> Exception:
    if "/api/blobs/" in failure.path:
        return BlobAbsent(f"{failure.url} does not have this file")
    if "model" in failure.said and model.startswith(f"{TUNED}:"):
        return ModelRefused(f"{failure.url}: {failure.said}; start sllm again, or type: sllm model rollback lora")
    if "model" in failure.said:
        return ModelRefused(f"{failure.url}: {failure.said}; type: ollama pull {model}")
    return ModelRefused(f"{failure.url} does not know {failure.path}: is there an Ollama at this address?")


def _bad_request(failure: Failure, model: str) -> Exception | None:
    if TOO_LONG in failure.said:
        what = f"{model}: the prompt and its answer have more tokens than num_ctx"
        return ModelRefused(f"{what}; raise num_ctx, if the server has the memory")
    return None


def _server_error(failure: Failure, model: str) -> Exception | None:
    if any(each in failure.said for each in PASSING):
        return ModelUnavailable(f"{failure.url}: {model} broke off: {failure.said}")
    return None


_STATUSES: Mapping[int, Callable[[Failure, str], Exception | None]] = MappingProxyType(
    {404: _missing, 400: _bad_request, 500: _server_error}
)
