"""What a human said of a verdict, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from sllm_core.classifier.judgement import SENTIMENTS, SEVERITIES

LABELS: Mapping[str, tuple[str, ...]] = MappingProxyType({"sentiment": SENTIMENTS, "anomaly": SEVERITIES})
"""The tasks, and the labels of each."""

SUMMARY = "summary"
"""The task that has no labels but texts."""

TASKS = (*LABELS, SUMMARY)
"""All that humans may say something of."""

Via = Literal["api", "dashboard", "command", "import"]


@dataclass(frozen=True, kw_only=True)
class Feedback:
    """One statement of a human about one verdict.

    It is about the pattern, if one is named, else about the finding; with both, the finding says where the pattern was
    seen. `right` is the thumb, up or down, `label` what the verdict should have been, and `was` what it was. Of a
    summary, `text` is what it should have told, or told where the thumb is up. `reaches` is the pattern whose verdict
    follows the statement, None where it follows for the finding alone, or for nothing. `by` is the name of an API key,
    or "local" where none is needed.
    """

    at: datetime
    by: str
    via: str
    task: str
    finding: str | None = None
    pattern: int | None = None
    right: bool | None = None
    label: str | None = None
    was: str = ""
    note: str = ""
    id: str = ""
    reaches: int | None = None
    text: str = ""

    @property
    def meant(self) -> str | None:
        """The label that holds by the statement: the one that it gives, or the one that it confirms; None: neither."""
        if self.label is not None:
            return self.label
        return self.was or None if self.right else None


class FeedbackError(ValueError):
    """A statement that cannot be taken; `field` names what is wrong in it, `missing` that the thing is not there."""

    def __init__(self, field: str, detail: str, *, missing: bool = False) -> None:
        super().__init__(f"{field}: {detail}")
        self.field, self.detail, self.missing = field, detail, missing
