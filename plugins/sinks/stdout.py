"""Findings on standard output, for people or for pipes."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from sllm_core.components import Sink
from sllm_core.findings import Finding
from sllm_core.plugin import Plugin, PluginConfig, hookimpl


class StdoutConfig(PluginConfig):
    """Options of `[plugins.stdout]`."""

    format: Literal["text", "json"] = Field(default="text", description="a line to read, or a JSON object a line")


class StdoutSink:
    """Prints each finding as one line."""

    def __init__(self, name: str, style: Literal["text", "json"]) -> None:
        self.name = name
        self._form = _text if style == "text" else _json

    async def write(self, findings: Sequence[Finding]) -> None:
        for finding in findings:
            sys.stdout.write(self._form(finding) + "\n")
        sys.stdout.flush()


def _json(finding: Finding) -> str:
    return json.dumps(finding.to_json(), ensure_ascii=False)


def _text(finding: Finding) -> str:
    when = f"{finding.window[0]:%Y-%m-%d %H:%M}" if finding.window else "-"
    said = " ".join(_printable(finding.explanation).split()) or ", ".join(map(_printable, finding.detected_issues))
    return f"{when}  {finding.analyzer:<9}  {finding.label:<8}  {finding.source}  {said}"


def _printable(text: str) -> str:
    """Log text may stand in an explanation: what would drive a terminal becomes a space."""
    return "".join(each if each.isprintable() else " " for each in text)


class Stdout(Plugin[StdoutConfig]):
    """The `stdout` sink."""

    Config = StdoutConfig

    @hookimpl
    def sllm_sinks(self) -> list[Sink]:
        return [StdoutSink(self.name, self.config.format)]
