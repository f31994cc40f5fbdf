"""The part of a message that takes part in its pattern: short, and of one line."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

LENGTH = 1_000
"""How many characters of a message take part."""

GOES_ON = " ↵"
"""Stands in a template behind the first line of a record of several lines; the class of an exception may follow."""

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
    several = pc.match_substring(messages, "\n")
    if several.true_count:
        messages = pc.replace_with_mask(messages, several, _header(messages.filter(several)))
    long = pc.greater(pc.binary_length(messages), LENGTH)
    if long.true_count:
        cut = pc.utf8_slice_codeunits(messages.filter(long), 0, LENGTH)
        whole = pc.replace_substring_regex(cut, pattern=_CUT_WORD, replacement=r"\1")
        messages = pc.replace_with_mask(messages, long, whole)
    return messages


def _header(records: pa.Array) -> pa.Array:
    line = pc.replace_substring_regex(records, pattern=_FURTHER_LINES, replacement=GOES_ON)
    name = pc.struct_field(pc.extract_regex(records, pattern=_EXCEPTION), [0])
    return pc.binary_join_element_wise(line, name, " ", null_handling="skip")
