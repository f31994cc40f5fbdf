"""Reports that people read: what one reading of logs found, as text, JSON or HTML.

Writing is imported where it is done, so that JSON needs neither rich nor jinja2.
"""

from __future__ import annotations

from typing import Literal

from sllm_core.report.build import Reading, build_report
from sllm_core.report.document import ReportDocument, document, write_json
from sllm_core.report.observation import Observation
from sllm_core.report.report import Report

Format = Literal["text", "json", "html"]

__all__ = [
    "Format",
    "Observation",
    "Reading",
    "Report",
    "ReportDocument",
    "build_report",
    "document",
    "write_html",
    "write_json",
    "write_text",
]


def write_text(report: Report, columns: int = 80, *, colour: bool = False) -> str:
    """The report in lines of at most `columns` characters (40 to 140), with ANSI sequences if `colour`."""
    from sllm_core.report import text

    return text.write_text(report, columns, colour=colour)


def write_html(report: Report) -> str:
    """The report as one HTML page that stands alone."""
    from sllm_core.report import html

    return html.write_html(report)
