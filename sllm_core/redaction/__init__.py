"""Secrets and personal data out of texts: one function for prompts, training files, explanations and alerts."""

from __future__ import annotations

from sllm_core.redaction.allowed import Allowed
from sllm_core.redaction.own_rules import OwnRule
from sllm_core.redaction.placeholders import KINDS
from sllm_core.redaction.redactor import Redactor, Session

__all__ = ["KINDS", "Allowed", "OwnRule", "Redactor", "Session"]
