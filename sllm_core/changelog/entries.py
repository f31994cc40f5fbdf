"""The entries of a changelog: a key and bytes for each closed window, and for each pattern."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping

import numpy as np

from sllm_core.findings import pattern_name
from sllm_core.patterns import PatternRow
from sllm_core.store.inheritance import CountedWindow, Inheritance

HEAD = struct.Struct("<Bqq")
"""Before the patterns and counts of a window: the version of the entry, the window's end, how many patterns it had."""

VERSION = 1
WINDOW, PATTERN = "w", "p"
NEVER = np.iinfo(np.int64).min
"""Stands for the first time of a pattern that no window of the shard had: one that others of it gave way to."""


def window_key(window: CountedWindow) -> str:
    """Where a part of a window is kept."""
    return f"{WINDOW}/{window.start}/{window.part}"


def window_entry(window: CountedWindow) -> bytes:
    """What a part of a window counted."""
    head = HEAD.pack(VERSION, window.end, len(window.patterns))
    return head + window.patterns.astype("<u8").tobytes() + window.counts.astype("<i8").tobytes()


def pattern_key(pattern: int) -> str:
    """Where a pattern is kept."""
    return f"{PATTERN}/{pattern_name(pattern)}"


def pattern_entry(row: PatternRow, first: int) -> bytes:
    """What a pattern is, and since when (microseconds) the shard has it."""
    alias = None if row.alias_of is None else pattern_name(row.alias_of)
    values = [VERSION, row.template, row.example, alias, row.mask, None if first == NEVER else first]
    return json.dumps(values, separators=(",", ":")).encode()


def read_entries(entries: Mapping[str, bytes], source: str) -> tuple[Inheritance, int]:
    """What the entries tell of a shard of this source, and how many of them are not understood."""
    windows: list[CountedWindow] = []
    rows: list[tuple[PatternRow, int]] = []
    strange = 0
    for key, value in entries.items():
        kind, _, place = key.partition("/")
        try:
            if kind == WINDOW:
                windows.append(_window(place, value))
            elif kind == PATTERN:
                rows.append(_pattern(place, value, source))
            else:
                strange += 1
        except (ValueError, TypeError, struct.error):
            strange += 1
    seen = sorted((row.id, first) for row, first in rows if first != NEVER)
    ids, times = np.array([each for each, _ in seen], np.uint64), np.array([first for _, first in seen], np.int64)
    return Inheritance(tuple(row for row, _ in rows), tuple(windows), (ids, times)), strange


def _window(place: str, value: bytes) -> CountedWindow:
    start, part = map(int, place.split("/"))
    version, end, size = HEAD.unpack_from(value)
    patterns, counts = np.frombuffer(value[HEAD.size :], "<u8").astype(np.uint64).reshape(2, -1)
    if version != VERSION or end <= start or len(patterns) != size or (patterns[1:] <= patterns[:-1]).any():
        raise ValueError("this is no window as this version writes it")
    return CountedWindow(start, end, part, patterns, counts.view(np.int64))


def _pattern(place: str, value: bytes, source: str) -> tuple[PatternRow, int]:
    version, template, example, alias, mask, first = json.loads(value)
    texts = all(isinstance(each, str) for each in (template, example, mask))
    if version != VERSION or not texts or not isinstance(first, int | None):
        raise ValueError("this is no pattern as this version writes it")
    row = PatternRow(int(place, 16), source, template, example, None if alias is None else int(alias, 16), mask)
    return row, NEVER if first is None else first
