"""What may come instead of an answer, beside what a model itself raises."""

from __future__ import annotations

from sllm_core.models.language_model import ModelRefused, ModelUnavailable

CLOSED = "the gateway to the model is closed"


class ModelAbsent(ModelUnavailable):
    """The server is there but refuses every call: the model is missing, or the key is wrong. The text says what to do.

    It is tried again, at a slow pace, without being asked.
    """


class TooSlow(ModelUnavailable):
    """The time for a call was up. It is not repeated at once, as it would take as long again."""


class NoAnswer(Exception):
    """The model answered, but not validly, and neither when told what was wrong. The text says what it was."""


class UnfitSchema(ModelRefused):
    """The schema of a prompt is none that every server obeys; nothing was sent. The text says what to change."""
