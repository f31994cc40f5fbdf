"""Findings on standard output, for people or for pipes."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from datetime import UTC, tzinfo
from typing import Literal

from pydantic import Field

from sllm_core.components import Context, Sink
from sllm_core.findings import Finding
from sllm_core.plugin import Plugin, PluginConfig, PluginError, hookimpl

_HARMFUL = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


class StdoutConfig(PluginConfig):
    """Options of `[plugins.stdout]`."""

    format: Literal["text", "json"] = Field(default="text", description="a line to read, or a JSON object a line")


class StdoutSink:
    """Prints each finding as one line; as text, with times in `zone`."""

    def __init__(self, name: str, style: Literal["text", "json"], zone: tzinfo = UTC) -> None:
        self.name = name
        self._style, self._zone = style, zone

    async def write(self, findings: Sequence[Finding]) -> None:
        """Print and flush.

        Raises:
            PluginError: standard output is closed or full.
        """
        try:
            for finding in findings:
                sys.stdout.write(f"{self._line(finding)}\n")
            sys.stdout.flush()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise PluginError(f"{self.name}: standard output cannot be written: {reason}") from error

    def _line(self, finding: Finding) -> str:
        if self._style == "json":
            return _HARMFUL.sub(_escaped, json.dumps(finding.to_json(), ensure_ascii=False))
        when = f"{finding.window[0].astimezone(self._zone):%Y-%m-%d %H:%M}" if finding.window else "-"
        said = " ".join(_printable(finding.explanation).split()) or ", ".join(map(_printable, finding.detected_issues))
        again = f"(revision {finding.revision}) " if finding.revision else ""
        return f"{when}  {finding.analyzer:<9}  {finding.label:<8}  {finding.source}  {again}{said}"


def _printable(text: str) -> str:
    """Log text may stand in an explanation: what would drive a terminal becomes a space."""
    return "".join(each if each.isprintable() else " " for each in text)


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


class Stdout(Plugin[StdoutConfig]):
    """The `stdout` sink."""

    Config = StdoutConfig

    @hookimpl
    def sllm_sinks(self, context: Context) -> list[Sink]:
        return [StdoutSink(self.name, self.config.format, context.zone)]
