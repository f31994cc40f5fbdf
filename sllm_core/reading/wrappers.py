"""Lines of containers, which wrap the lines of the programs in them: Docker's JSON files and Kubernetes' CRI."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import accumulate, pairwise
from types import MappingProxyType

import numpy as np

from sllm_core.buffers import strings
from sllm_core.reading.encodings import clean_line
from sllm_core.reading.lines import Lines
from sllm_core.reading.structured import load_json
from sllm_core.reading.timestamps import Clock, Ints, parse_times

_LOOK = 50
_SHARE = 0.9

Unwrapped = tuple[bytes, str, bool]
"""Text, time, and whether the line of the program goes on in the next."""


def _docker(line: bytes) -> Unwrapped | None:
    if not line.startswith(b"{"):
        return None
    try:
        value = load_json(line)
    except ValueError:
        return None
    text = value.get("log") if isinstance(value, dict) else None
    if (
        not isinstance(value, dict)
        or not isinstance(text, str)
        or "stream" not in value
        or not value.keys() <= {"log", "stream", "time", "attrs"}
    ):
        return None
    return text.rstrip("\r\n").encode(errors="replace"), str(value.get("time", "")), not text.endswith("\n")


def _cri(line: bytes) -> Unwrapped | None:
    found = _cri_line().match(line)
    return (line[found.end() :], found[1].decode(), found[2] == b"P") if found else None


@cache
def _cri_line() -> re.Pattern[bytes]:
    return re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*) (?:stdout|stderr) ([FP])(?: |$)")


WRAPPERS: Mapping[str, Callable[[bytes], Unwrapped | None]] = MappingProxyType({"docker": _docker, "cri": _cri})


def find_wrapper(lines: Lines) -> str:
    """The name of the wrapper that nearly all of the first lines have; empty when there is none."""
    texts = [text for text in _texts(lines, _LOOK) if text]
    for name, unwrap in WRAPPERS.items():
        if texts and sum(unwrap(text) is not None for text in texts) >= _SHARE * len(texts):
            return name
    return ""


def unwrap_lines(name: str, lines: Lines, clock: Clock) -> tuple[Lines, Ints]:
    """The lines of the program, each from as many lines as it was split into, and the times that the wrapper gives."""
    pieces = [WRAPPERS[name](text) or (text, "", False) for text in _texts(lines, len(lines))]
    opened = [False, *(goes_on for _, _, goes_on in pieces)][: len(pieces)]
    first = np.flatnonzero(~np.array(opened, bool))
    texts = [b"".join(text for text, _, _ in group) for group in _groups(pieces, first)]
    cleaned = [clean_line(text) for text in texts]
    ends = np.array(list(accumulate((len(text) + 1 for text, _ in cleaned), initial=0)), np.int64)
    times = parse_times(strings([pieces[place][1][:40] for place in first.tolist()]), clock)
    repaired = np.add.reduceat(lines.repaired, first) > 0 if len(first) else lines.repaired
    data = b"".join(text + b"\n" for text, _ in cleaned)
    ended = np.append(first, len(lines))
    unwrapped = Lines(data, ends[:-1], ends[1:] - 1, lines.raw[ended], repaired, lines.rows[ended])
    return unwrapped, times


def _groups(pieces: Sequence[Unwrapped], first: Ints) -> list[Sequence[Unwrapped]]:
    bounds = [*first.tolist(), len(pieces)]
    return [pieces[start:end] for start, end in pairwise(bounds)]


def _texts(lines: Lines, count: int) -> list[bytes]:
    places = zip(lines.starts[:count].tolist(), lines.ends[:count].tolist(), strict=True)
    return [lines.data[start:end] for start, end in places]
