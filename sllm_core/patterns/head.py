"""The part of a message that takes part in its pattern: short, and of one line."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sllm_core.buffers import strings, text_buffers, to_arrow, to_numpy

LENGTH = 1_000
"""How many characters of a message take part."""

GOES_ON = " ↵"
"""Stands in a template behind the first line of a record of several lines; the class of an exception may follow."""

FEW = 100
"""Up to how many messages of a batch are replaced one by one: Arrow's own way takes as long for one as for all."""

_NEWLINE = ord("\n")
_FURTHER_LINES = r"(?s)\n.*"
_CUT_WORD = r"([ \t\r\x0b\x0c=,;()\[\]{}\"'<>|:])[^ \t\r\x0b\x0c=,;()\[\]{}\"'<>|:]*$"
_EXCEPTION = r"\n(?:Caused by: )?(?P<name>(?:[A-Za-z_$][\w$]*\.)*[A-Z][\w$]*(?:Exception|Error|Fault|Interrupt|Exit))\b"


def chunks(messages: pa.Array | pa.ChunkedArray) -> Iterator[pa.Array]:
    """The messages as arrays of strings (with offsets of 32 or 64 bits), a missing one as the empty string.

    Raises:
        pyarrow.ArrowInvalid: the messages are bytes and not UTF-8.
    """
    for chunk in messages.chunks if isinstance(messages, pa.ChunkedArray) else [messages]:
        if pa.types.is_dictionary(chunk.type):
            chunk = chunk.dictionary_decode()
        if chunk.type not in (pa.string(), pa.large_string()):
            chunk = chunk.cast(pa.large_string())
        yield pc.fill_null(chunk, "") if chunk.null_count else chunk


def heads(messages: pa.Array) -> pa.Array:
    """Of each message the whole words in LENGTH characters of its first line, and the exception named below it."""
    ends, text = text_buffers(messages)
    if _NEWLINE in text[ends[0] : ends[-1]]:
        several = np.flatnonzero(to_numpy(pc.match_substring(messages, "\n")))
        messages = _replaced(messages, several, _header(messages.take(to_arrow(several))))
    long = _longer(messages)
    return _replaced(messages, long, _cut(messages.take(to_arrow(long)))) if len(long) else messages


def _longer(messages: pa.Array) -> NDArray[np.intp]:
    """The rows of the messages that have more than LENGTH characters, which are at most as many as bytes."""
    rows = np.flatnonzero(np.diff(text_buffers(messages)[0]) > LENGTH)
    return rows[to_numpy(pc.utf8_length(messages.take(to_arrow(rows)))) > LENGTH] if len(rows) else rows


def _replaced(messages: pa.Array, rows: NDArray[np.intp], by: pa.Array) -> pa.Array:
    """The messages, but those of `by`, one after the other, in these rows."""
    if len(by) > FEW:
        where = np.zeros(len(messages), bool)
        where[rows] = True
        return pc.replace_with_mask(messages, to_arrow(where), by)
    pieces, begin = [], 0
    for number, row in enumerate(rows.tolist()):
        pieces += [messages.slice(begin, row - begin), by.slice(number, 1)]
        begin = row + 1
    return pa.concat_arrays([*pieces, messages.slice(begin)])


def _cut(messages: pa.Array) -> pa.Array:
    cut = pc.utf8_slice_codeunits(messages, 0, LENGTH)
    return pc.replace_substring_regex(cut, pattern=_CUT_WORD, replacement=r"\1")


def _header(records: pa.Array) -> pa.Array:
    line = pc.replace_substring_regex(records, pattern=_FURTHER_LINES, replacement=GOES_ON)
    name = pc.struct_field(pc.extract_regex(records, pattern=_EXCEPTION), [0])
    return pc.binary_join_element_wise(line, name, strings([" "])[0], null_handling="skip")
