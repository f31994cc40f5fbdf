"""Fields of requests in messages: path, status and duration, found by what the example of a pattern shows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sllm_core.buffers import is_present, to_numpy
from sllm_core.grouping import names
from sllm_core.summaries.few_messages import exact, few_messages, numbered, values

Ints = NDArray[np.int64]

KEPT = 4096
"""For how many examples the notation is remembered: several analyzers ask about the same ones."""

METHOD = "(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)"
_PATH = r"""(?:https?://[^/\s"']+)?(?P<value>/[^\s"'?#,;()\[\]{}<>&]*)"""
_NUMBER = r"(?P<value>[0-9]+(?:\.[0-9]+)?)"
_ASSIGN = r"""["']?\s*[=:]\s*["']?"""
_STATUS = r"(?P<value>[1-5][0-9]{2})(?:\D|$)"
_HEAD = r"HTTP/[0-9.]+[\"']?\s+"

PATHS = (
    rf"\b{METHOD}\s+[\"']?{_PATH}",
    rf"\b(?:path|uri|url|endpoint|request_uri|requestURI|route){_ASSIGN}{_PATH}",
    rf"(?i)(?:request|endpoint|요청|호출|응답|처리).*?\s{_PATH}",
)
STATUSES = (
    rf"{_HEAD}{_STATUS}",
    rf"(?i)\b(?:http_?)?(?:status|status_?code|code){_ASSIGN}{_STATUS}",
    rf"상태(?:\s?코드)?\s*[=:]?\s*{_STATUS}",
    rf"(?i)\b(?:completed|returned|responded|response|finished)\s+(?:with\s+)?(?:status\s+)?{_STATUS}",
    rf"\s/[^\s]*\s+(?:->\s*|→\s*)?{_STATUS}",
    rf"(?:응답|완료|결과)\s*[:=]?\s*{_STATUS}",
)
DURATIONS = (
    (rf"(?i){_NUMBER}\s?(?:ms|msecs?|millis|milliseconds?|밀리초)(?:[^a-z]|$)", 1.0),
    (rf"(?i){_NUMBER}\s?(?:us|µs|μs|microseconds?|마이크로초)(?:[^a-z]|$)", 1e-3),
    (rf"(?i)(?:[a-z]_|\b)(?:ms|millis){_ASSIGN}{_NUMBER}", 1.0),
    (rf"(?i)\b[a-z_]*(?:duration|elapsed|latency|took|time)_?(?:ms|millis){_ASSIGN}{_NUMBER}", 1.0),
    (rf"(?i)\b[a-z_]*(?:duration|elapsed|latency|took|time)_?us{_ASSIGN}{_NUMBER}", 1e-3),
    (rf"(?i){_NUMBER}\s?(?:s|secs?|seconds?|초)(?:[^a-z]|$)", 1e3),
    (rf"(?i)\b(?:request_time|upstream_response_time|rt|[a-z_]*time_s|[a-z_]*seconds){_ASSIGN}{_NUMBER}", 1e3),
    (rf"(?i)\b(?:duration|elapsed|latency|took|response_?time){_ASSIGN}{_NUMBER}", 1.0),
    (rf"{_HEAD}[1-5][0-9]{{2}}\s+(?:[0-9]+|-)\s+(?:\"[^\"]*\"\s+){{0,2}}(?P<value>[0-9]+\.[0-9]+)(?:\s|$)", 1e3),
)
"""Notations of a duration and what brings them to milliseconds; a bare `took=35` is read as milliseconds, the decimal
number behind the size in an access log as seconds (nginx `$request_time`)."""

_MASKS = (
    (r"/[0-9]+(/|$)", r"/<*>\1"),
    (r"/[0-9]+(/|$)", r"/<*>\1"),
    (r"/[^/]*[0-9]{3}[^/]*", "/<*>"),
    (r"/[0-9a-fA-F]{4,}(?:-[0-9a-fA-F]+)+", "/<*>"),
    (r"/[0-9a-fA-F]{12,}", "/<*>"),
    (r"(.)/+$", r"\1"),
)


@dataclass(frozen=True)
class Notation:
    """By which regular expressions the messages of a pattern are read; None where a field does not occur.

    `unit` brings the duration to milliseconds; `method` tells whether an HTTP method stands before the path.
    """

    path: str | None = None
    status: str | None = None
    duration: str | None = None
    unit: float = 1.0
    method: bool = False

    @property
    def completes(self) -> bool:
        """Whether the message tells how a request ended."""
        known = (self.path is not None) + (self.status is not None) + (self.duration is not None)
        return known >= 2

    @property
    def opens(self) -> bool:
        """Whether the message only names a request."""
        return self.method and not self.completes


@lru_cache(KEPT)
def notation(example: str) -> Notation | None:
    """How the messages of a pattern write a request, by one of them; None when it shows none."""
    path, status = _first(PATHS, example), _first(STATUSES, example)
    if path is None and status is None:
        return None
    duration, unit = next(((each, unit) for each, unit in DURATIONS if _found(each, example)), (None, 1.0))
    read = Notation(path, status, duration, unit, method=path == PATHS[0])
    return read if read.completes or read.opens else None


@dataclass(frozen=True)
class Fields:
    """The fields of n requests: `path` (n,) as codes into `paths`, ids masked, MISSING where not found; `status` (n,),
    0 where not found; `duration` (n,) in milliseconds, NaN where not found."""

    paths: list[str]
    path: Ints
    status: Ints
    duration: NDArray[np.float64]


def request_fields(messages: pa.Array, read: Notation, statuses: Ints | None = None) -> Fields:
    """What messages that are all written in the notation say; `statuses`, where they are known already."""
    status = answer_statuses(messages, read) if statuses is None else statuses
    if (texts := few_messages(messages)) is not None:
        return _fields_of_few(texts, read, status)
    paths, path = names(mask_paths(_extract(messages, read.path)))
    found = _extract(messages, read.duration).cast(pa.float64())
    duration = np.where(is_present(found), to_numpy(found) * read.unit, np.nan)
    return Fields([each or "" for each in paths], path, status, duration)


def _fields_of_few(texts: Sequence[str], read: Notation, status: Ints) -> Fields:
    paths, path = numbered([each and _masked(each) for each in values(texts, read.path)])
    times = [np.nan if each is None else float(each) * read.unit for each in values(texts, read.duration)]
    return Fields(paths, path, status, np.array(times, np.float64))


def answer_statuses(messages: pa.Array, read: Notation) -> Ints:
    """The status in each message, (n,); 0 where not found."""
    if (texts := few_messages(messages)) is not None:
        return np.array([int(each or 0) for each in values(texts, read.status)], np.int64)
    found = _extract(messages, read.status).cast(pa.int16())
    return np.where(is_present(found), to_numpy(found), 0).astype(np.int64)


def mask_paths(paths: pa.Array) -> pa.Array:
    """The paths with numbers, hashes and ids replaced by `<*>`, so that they count as one endpoint; `/v1` stays."""
    encoded = paths.dictionary_encode()
    every = encoded.dictionary
    for pattern, replacement in _MASKS:
        every = pc.replace_substring_regex(every, pattern=pattern, replacement=replacement)
    return every.take(encoded.indices)


@lru_cache(KEPT)
def _masked(path: str) -> str:
    """As `mask_paths`, for one."""
    for pattern, replacement in _MASKS:
        path = exact(pattern).sub(replacement, path)
    return path


def _first(expressions: tuple[str, ...], example: str) -> str | None:
    return next((each for each in expressions if _found(each, example)), None)


def _found(expression: str, example: str) -> bool:
    return _compiled(expression).search(example) is not None


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.ASCII)


def _extract(messages: pa.Array, expression: str | None) -> pa.Array:
    if expression is None:
        return pa.nulls(len(messages), pa.string())
    return pc.struct_field(pc.extract_regex(messages, pattern=expression), "value")
