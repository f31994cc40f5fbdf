"""The way to a language model: what a model gives, and the gateway that everything asks it through."""

from __future__ import annotations

from sllm_core.models.calibration import Calibration
from sllm_core.models.confidence import label_probabilities
from sllm_core.models.counts import Counts
from sllm_core.models.errors import ModelAbsent, NoAnswer, TooSlow, UnfitSchema
from sllm_core.models.gateway import Gateway
from sllm_core.models.language_model import (
    Completion,
    Identity,
    LanguageModel,
    ModelRefused,
    ModelUnavailable,
    Prompt,
    Token,
)
from sllm_core.models.limits import Limits
from sllm_core.models.reply import Reply

__all__ = [
    "Calibration",
    "Completion",
    "Counts",
    "Gateway",
    "Identity",
    "LanguageModel",
    "Limits",
    "ModelAbsent",
    "ModelRefused",
    "ModelUnavailable",
    "NoAnswer",
    "Prompt",
    "Reply",
    "Token",
    "TooSlow",
    "UnfitSchema",
    "label_probabilities",
]
