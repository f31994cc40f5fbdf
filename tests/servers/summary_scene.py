"""A summary with its facts, as an analyzer leaves it and as an example of a dataset has it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sllm_core.findings import Finding
from sllm_core.learning.dataset import Example
from sllm_core.summaries.facts import Facts

START = datetime(2026, 3, 2, tzinfo=UTC)
END = START + timedelta(hours=1)
TOLD = "In the past hour, 12 records were logged, with 1 error."


def facts(**changed: object) -> Facts:
    """The facts of an hour with 12 records, 1 of them an error."""
    known: dict[str, Any] = {
        "start": START.isoformat(),
        "end": END.isoformat(),
        "records": 12,
        "errors": 1,
        "warnings": 0,
        "error_share": 1 / 12,
        "levels": {"INFO": 11, "ERROR": 1},
        "services": [{"name": "web", "records": 12, "errors": 1}],
        "requests": 0,
        "failures": 0,
        "statuses": {},
        "latency": None,
        "endpoints": [],
        "error_kinds": [{"name": "HTTP 500", "count": 1}],
        "distinct_patterns": 2,
        "new_patterns": 1,
        "top_patterns": [{"name": "00000000000000aa", "template": "heartbeat from <*>", "count": 11}],
        "top_new_patterns": [{"name": "00000000000000bb", "template": "lost kim@example.com", "count": 1}],
        "before": None,
        "change": None,
        "timeline": [],
    }
    return {**known, **changed}


def summary(id: str = "a" * 32, explanation: str = TOLD, **changed: object) -> Finding:
    """A finding that sums up the hour."""
    return Finding(
        id=id,
        analyzer="summary",
        label="summary",
        source="plant",
        window=(START, END),
        explanation=explanation,
        facts=facts(**changed),
        count=12,
        language="en",
    )


def told(text: str = TOLD, **fields: object) -> Example:
    """What should have been told of the hour."""
    window = {"facts": facts(), "language": "en", "start": START.isoformat(), "end": END.isoformat()}
    usual: dict[str, Any] = {"key": "f" * 16, "text": "12 records", "part": "train", "window": window}
    return Example(**{**usual, "task": "summary", "label": text, **fields})
