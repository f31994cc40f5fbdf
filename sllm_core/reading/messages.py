"""The messages of records, and what they say about their own severity."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sllm_core.buffers import adjacent, is_present, no_text, to_arrow
from sllm_core.reading.extents import Extents
from sllm_core.reading.headers import Matches
from sllm_core.reading.levels import UNKNOWN, Codes, level_codes
from sllm_core.reading.lines import Lines
from sllm_core.reading.spaces import has_space_around
from sllm_core.reading.timestamps import Bools

_UNNAMED = r' "[^"]*"'
_CAPITALS = "TRACE|DEBUG|INFO|NOTICE|WARNING|WARN|ERROR|ERR|SEVERE|CRITICAL|CRIT|FATAL|ALERT|EMERG|PANIC"
_ANY_CASE = "debug|info|notice|warning|warn|error|err|severe|critical|crit|fatal|panic"
_SAID = (
    rf"^(?:[\[(<*]?(?P<capitals>{_CAPITALS})(?:[\])>*:]+|[ \t])|[\[(<]?(?P<word>(?i:{_ANY_CASE}))(?:[\])>]:?|:)"
    r"|[\[(<]?(?P<korean>경고|오류|에러|정보|치명|심각)[\])>:])[ \t]*(?P<rest>)"
)


def message_texts(
    lines: Lines, matches: Matches, extents: Extents, rows: NDArray[np.intp], objects: pa.Array | None
) -> pa.Array:
    """The text of each record without its header; `objects` are the messages of the records in `rows`."""
    starts, ends = extents.firsts(lines.starts), extents.lasts(lines.ends)
    if "rest" in matches.spans:
        rest = extents.firsts(matches.spans["rest"][0])
        starts = rest if not len(rest) or rest.min() >= 0 else np.where(rest >= 0, rest, starts)
    whole = _whole(lines, matches, extents)
    if not whole.all():
        texts = adjacent(pa.py_buffer(lines.data), starts, np.where(whole, ends, starts))
        return pc.utf8_trim_whitespace(_pieced(texts, lines, matches, extents, rows, objects))
    doubtful = True
    if lines.loops:
        starts, ends, doubtful = lines.loops.trimmed(lines.data, starts, ends)
    texts = adjacent(pa.py_buffer(lines.data), starts, ends)
    spaced = doubtful and has_space_around(lines.data, starts, ends)
    return pc.utf8_trim_whitespace(texts) if spaced else texts


def _whole(lines: Lines, matches: Matches, extents: Extents) -> Bools:
    """Which messages are one piece of the text."""
    whole = np.ones(len(extents), bool)
    if "message" in matches.spans:
        whole &= extents.firsts(matches.spans["message"][0]) < 0
    if matches.objects:
        whole &= ~np.isin(extents.first, np.fromiter(matches.objects, np.int64))
    return whole


def _pieced(
    texts: pa.Array, lines: Lines, matches: Matches, extents: Extents, rows: NDArray[np.intp], objects: pa.Array | None
) -> pa.Array:
    """The messages with those put in that are made of several pieces."""
    whole = _whole(lines, matches, extents)
    buffer, first = pa.py_buffer(lines.data), extents.first
    pieces = [texts]
    if objects is not None:
        places = np.zeros(len(whole), np.int64)
        places[rows] = np.arange(len(rows))
        present = np.zeros(len(whole), bool)
        present[rows] = True
        pieces.append(objects.take(to_arrow(places, present)))
    for name in ("message", "more"):
        if name in matches.spans:
            piece = adjacent(buffer, *(places[first] for places in matches.spans[name]))
            pieces.append(pc.replace_substring_regex(piece, _UNNAMED, "") if name == "more" else piece)
    ends = lines.ends[first]
    pieces.append(adjacent(buffer, ends, np.where(whole, ends, lines.ends[extents.last])))
    nothing = no_text()
    return pc.binary_join_element_wise(*(pc.fill_null(piece, nothing) for piece in pieces), nothing)


def said_levels(messages: pa.Array, codes: Codes, embedded: Bools) -> tuple[pa.Array, Codes]:
    """The codes, completed by the word of severity with which a message without level begins.

    Where the level is `embedded` by the format, that word is taken out of the message.
    """
    missing = np.flatnonzero(codes == UNKNOWN)
    if not len(missing):
        return messages, codes
    part = messages.take(to_arrow(missing))
    said = pc.extract_regex(part, pattern=_SAID)
    codes = codes.copy()
    for name in ("capitals", "word", "korean"):
        found = level_codes(said.field(name))
        codes[missing] = np.where(is_present(said) & (codes[missing] == UNKNOWN), found, codes[missing])
    if embedded.any():
        bare = pc.replace_substring_regex(messages, _SAID, "")
        messages = pc.if_else(_mask(embedded), bare, messages)
    return messages, codes


def _mask(chosen: Bools) -> pa.Array:
    return pc.equal(to_arrow(chosen.astype(np.int8)), 1)
