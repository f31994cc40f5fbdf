"""A short question that shows whether a model answers, and whether it tells how sure it is."""

from __future__ import annotations

from types import MappingProxyType

from sllm_core.models.language_model import Completion, Prompt

PROBE = Prompt(
    task="probe",
    version="1",
    language="en",
    system="Answer in JSON.",
    user="Is a full disk a problem?",
    schema=MappingProxyType(
        {
            "type": "object",
            "properties": {"answer": {"type": "string", "enum": ["yes", "no"]}},
            "required": ["answer"],
            "additionalProperties": False,
        }
    ),
    length=32,
)


def probed(completion: Completion) -> str:
    """What the answer to PROBE says about log-probabilities."""
    if not completion.finished:
        return f"not known: {completion.reason}"
    return "yes" if completion.tokens else "no: confidence will be missing"
