"""Summaries in sentences: what they say follows from the facts alone, and so does every figure in them."""

from __future__ import annotations

from datetime import datetime

from sllm_core.summaries import english, korean
from sllm_core.summaries.facts import Facts


def describe(facts: Facts, language: str, start: datetime, end: datetime) -> str:
    """What happened from `start` to `end`, in Korean (`ko`) or English (anything else)."""
    return " ".join((korean if language == "ko" else english).sentences(facts, start, end))
