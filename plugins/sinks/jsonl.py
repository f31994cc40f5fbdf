"""Findings as JSON Lines in a file."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from sllm_core.components import Sink
from sllm_core.findings import Finding
from sllm_core.plugin import Plugin, PluginConfig, PluginError, hookimpl
from sllm_core.settings import PathInConfig


class JsonlConfig(PluginConfig):
    """Options of `[plugins.jsonl]`."""

    path: PathInConfig = Field(default=Path("findings.jsonl"), description="the file that findings are appended to")


class JsonlSink:
    """Appends each finding as one line. A finding that is written again after a crash is not doubled.

    A later revision of a finding is a line of its own, under the same id; the last line of an id holds.
    """

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self._path = path
        self._written: set[tuple[str, int]] | None = None

    async def write(self, findings: Sequence[Finding]) -> None:
        """Append and flush to the disk.

        Raises:
            PluginError: the file cannot be written.
        """
        try:
            await asyncio.to_thread(self._append, findings)
        except OSError as error:
            raise PluginError(
                f"{self.name}: {self._path}: {error.strerror}; make room or set [plugins.{self.name}] path"
            ) from error

    def _append(self, findings: Sequence[Finding]) -> None:
        if self._written is None:
            self._written = _repair(self._path)
        new = [each for each in findings if (each.id, each.revision) not in self._written]
        with self._path.open("ab") as file:
            file.write(b"".join(_line(each) for each in new))
            file.flush()
            os.fsync(file.fileno())
        self._written.update((each.id, each.revision) for each in new)


def _line(finding: Finding) -> bytes:
    return json.dumps(finding.to_json(), ensure_ascii=False).encode(errors="replace") + b"\n"


def _repair(path: Path) -> set[tuple[str, int]]:
    """What the file holds already; a last line that a crash has torn is cut off."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written: set[tuple[str, int]] = set()
    if not path.exists():
        return written
    with path.open("r+b") as file:
        whole = 0
        for line in file:
            if not line.endswith(b"\n"):
                file.truncate(whole)
                break
            whole += len(line)
            written |= _identity(line)
    return written


def _identity(line: bytes) -> set[tuple[str, int]]:
    try:
        data = json.loads(line)
        return {(data["id"], data["revision"])}
    except (ValueError, TypeError, KeyError):
        return set()


class Jsonl(Plugin[JsonlConfig]):
    """The `jsonl` sink."""

    Config = JsonlConfig

    @hookimpl
    def sllm_sinks(self) -> list[Sink]:
        return [JsonlSink(self.name, self.config.path)]
