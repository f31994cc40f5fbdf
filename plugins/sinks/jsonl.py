"""Findings as JSON Lines in a file."""

from __future__ import annotations

import asyncio
import errno
import json
import os
from collections.abc import Sequence
from io import FileIO
from pathlib import Path

from pydantic import Field

from sllm_core.components import Sink
from sllm_core.findings import Finding
from sllm_core.plugin import Plugin, PluginConfig, PluginError, hookimpl
from sllm_core.settings import PathInConfig

FULL = (errno.ENOSPC, errno.EDQUOT)


class JsonlConfig(PluginConfig):
    """Options of `[plugins.jsonl]`."""

    path: PathInConfig = Field(default=Path("findings.jsonl"), description="the file that findings are appended to")


class JsonlSink:
    """Appends each finding as one line. A finding that is written again after a crash is not doubled.

    A later revision of a finding is a line of its own, under the same id; the last line of an id holds. A pipe or a
    device is written to as it is.
    """

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self._path = path
        self._written: set[tuple[str, int]] | None = None

    async def write(self, findings: Sequence[Finding]) -> None:
        """Append and flush to the disk.

        Raises:
            PluginError: the file cannot be written, or holds something else.
        """
        try:
            await asyncio.to_thread(self._append, findings)
        except OSError as error:
            remedy = "make room" if error.errno in FULL else f"name another file with [plugins.{self.name}] path"
            raise PluginError(f"{self.name}: {self._path}: {error.strerror}; {remedy}") from error

    def _append(self, findings: Sequence[Finding]) -> None:
        if self._written is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._written = self._repair() if self._path.is_file() else set()
        new = [each for each in findings if (each.id, each.revision) not in self._written]
        with self._path.open("ab", buffering=0) as file:
            _write_all(file, b"".join(_line(each) for each in new))
            if self._path.is_file():
                os.fsync(file.fileno())
        self._written.update((each.id, each.revision) for each in new)

    def _repair(self) -> set[tuple[str, int]]:
        """What the file holds already; a last line that a crash has torn is cut off."""
        written: set[tuple[str, int]] = set()
        with self._path.open("r+b") as file:
            whole = 0
            for line in file:
                if not whole and not line.startswith(b"{"):
                    remedy = f"name a file of its own with [plugins.{self.name}] path"
                    raise PluginError(f"{self.name}: {self._path}: this is no file of findings; {remedy}")
                if not line.endswith(b"\n"):
                    file.truncate(whole)
                    break
                whole += len(line)
                written |= _identity(line)
        return written


def _write_all(file: FileIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def _line(finding: Finding) -> bytes:
    return json.dumps(finding.to_json(), ensure_ascii=False).encode(errors="replace") + b"\n"


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
