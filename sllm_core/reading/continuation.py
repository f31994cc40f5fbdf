"""Which lines begin a record, when there is no header that would tell."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sllm_core.buffers import to_numpy
from sllm_core.reading.lines import Lines

Bools = NDArray[np.bool_]

BLANK = r"^\s*$"
_INDENTED = r"^(?:\s|at [\w$.<>/]+\(|Caused by: |Suppressed: |\.\.\. \d+ (?:more|common)|[)\]}]+[,;]?\s*$)"
_THROWN = r"^[\w$.]*(?:Exception|Error|Warning|Interrupt|Throwable)(?::\s|\s*$)"
_TRACED = r"^(?:Traceback \(most recent call last\)|Exception in thread )"


def is_blank(text: pa.Array) -> Bools:
    """Which lines have nothing to read."""
    return _matches(text, BLANK)


def starts_alone(text: pa.Array) -> Bools:
    """Which lines begin a record in a text without headers: neither indented ones nor those of stack traces."""
    indented = _matches(text, _INDENTED)
    before = np.concatenate([np.zeros(1, bool), indented])[: len(indented)]
    return ~indented & ~(before & _matches(text, _THROWN))


def may_begin(lines: Lines) -> Bools:
    """Which lines are worth a look when the format is sought."""
    text = lines.text
    return ~(_matches(text, _INDENTED) | _matches(text, _THROWN) | _matches(text, _TRACED) | is_blank(text))


def _matches(text: pa.Array, pattern: str) -> Bools:
    return to_numpy(pc.match_substring_regex(text, pattern=pattern)).astype(bool)
