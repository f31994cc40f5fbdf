"""What a summary says, in the language of who reads it."""

from __future__ import annotations

from datetime import datetime

from sllm_core.findings import Finding
from sllm_core.report.plain import plain
from sllm_core.summaries import describe


def summary_text(finding: Finding, language: str) -> str:
    """The finding's own text where it is in that language; else what code makes of its facts."""
    if finding.language == language or finding.window is None:
        return plain(finding.explanation, None)
    start, end = (datetime.fromisoformat(finding.facts[name]) for name in ("start", "end"))
    return plain(describe(finding.facts, language, start, end), None)
