"""Messages sorted by their first and last bytes: those that are usual objects or lines are not touched one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sllm_core.reading.contents import Contents
from sllm_core.reading.documents import LONG
from sllm_core.reading.envelope import Envelope, objects_within
from sllm_core.reading.json_text import Bools, Bytes, JsonText, Texts
from sllm_core.reading.poison import LIMIT

Rows = NDArray[np.intp]

_FEED, _SPACE = 10, 32
_INDENT = 8
_ENVELOPES = (b'{"type":', b'{"data":', b'{"count"')
_OPENING = (*range(33), *b'{["')
_SPECIAL = (*_OPENING, *b"n", 0xEF, 0xFE, 0xFF)
"""What messages begin with that may be something else than text: JSON, null, byte order marks, blanks."""


@dataclass(frozen=True)
class Objects:
    """Texts (n,) that should be objects, for each the row of its message and which item of that it is, and whether it
    is the whole message."""

    texts: Texts
    rows: Rows
    items: Rows
    whole: Bools


@dataclass(frozen=True)
class Sifted:
    """Messages as one text, what should be objects in it, and the rows of those that are text."""

    text: JsonText
    objects: Objects
    plain: Rows


def sift(payloads: Sequence[bytes], contents: Contents) -> Sifted:
    """The messages that need no closer look; `contents` takes all others."""
    text = JsonText(payloads)
    edges = _Edges(text)
    objects = edges.enclosed(b"{", b"}")
    usual = objects & (edges.sizes <= LONG)
    may_list = edges.enclosed(b"[", b"]") | (objects & (~usual | edges.like_envelopes))
    listed = _listed(payloads, text, np.flatnonzero(may_list), contents)
    usual[listed.rows] = False
    for row in np.flatnonzero(usual & may_list).tolist():
        usual[row] = b'"data"' not in payloads[row]
    plain = edges.plain
    done = plain | usual | (edges.sizes == 0)
    done[listed.rows] = True
    for row in np.flatnonzero(~done).tolist():
        contents.take(row, payloads[row])
    return Sifted(text, _merged(edges.places, np.flatnonzero(usual), listed), np.flatnonzero(plain))


class _Edges:
    """What messages (n,) begin and end with, but for a line feed behind them."""

    def __init__(self, text: JsonText) -> None:
        starts, ends = text.places.starts, text.places.ends
        self.places = Texts(starts, ends - ((text.codes[ends - 1] == _FEED) & (ends > starts)))
        self.sizes = self.places.ends - starts
        self._text = text
        self._first, self._last = text.codes[starts], text.codes[self.places.ends - 1]

    @property
    def _lead(self) -> Bytes:
        """The first byte of each that is no blank, if only a few stand before it."""
        places = self.places.starts.copy()
        for _ in range(_INDENT):
            places += (self._text.codes[places] <= _SPACE) & (places < self.places.ends)
        return self._text.codes[places]

    def enclosed(self, begin: bytes, end: bytes) -> Bools:
        """Which messages begin and end so, and are not too long."""
        found: Bools = (self._first == begin[0]) & (self._last == end[0]) & (self.sizes <= LIMIT)
        return found

    @property
    def like_envelopes(self) -> Bools:
        """Which messages begin as envelopes do; those that begin otherwise are found out one by one."""
        begins = self._text.words[self.places.starts]
        found: Bools = np.logical_or.reduce([begins == int.from_bytes(word, "little") for word in _ENVELOPES])
        return found

    @property
    def plain(self) -> Bools:
        """Which messages are text for certain."""
        if b"\0" in self._text.data or not self._text.is_utf8:
            return np.zeros(len(self.places), bool)
        lead, second = self._lead, self._text.codes[self.places.starts + 1]
        heading = (
            (self._first == ord("[")) & (self._last != ord("]")) & (self._last > _SPACE) & ~_among(second, _OPENING)
        )
        named = (self._first == ord("n")) & (second != ord("u"))
        plain: Bools = (~_among(lead, _SPECIAL) | heading | named) & (self.sizes <= LIMIT)
        return plain


def _among(codes: Bytes, signs: Sequence[int]) -> Bools:
    table = np.zeros(256, bool)
    table[list(signs)] = True
    return table[codes]


def _listed(payloads: Sequence[bytes], text: JsonText, rows: Rows, contents: Contents) -> Objects:
    """The objects in arrays and envelopes; the fields of the envelopes are noted."""
    frames = [(row, found) for row in rows.tolist() if (found := objects_within(payloads[row]))]
    owners = np.array([row for row, _ in frames], np.intp)
    bounds = np.array([found[:2] for _, found in frames], np.int64).reshape(-1, 2)
    bounds += text.places.starts[owners][:, None]
    objects, counts = text.objects(Texts(bounds[:, 0], bounds[:, 1]))
    for (row, (_, _, fields)), count in zip(frames, counts.tolist(), strict=True):
        if fields is not None and count:
            contents.envelopes[row] = Envelope(fields, count)
    items = np.arange(len(objects)) - np.repeat(np.cumsum(counts) - counts, counts)
    return Objects(objects, np.repeat(owners, counts), items, np.zeros(len(objects), bool))


def _merged(places: Texts, rows: Rows, listed: Objects) -> Objects:
    """Whole objects and those in lists, in the order in which they stand in the text."""
    whole = places.chosen(rows)
    if not len(listed.rows):
        return Objects(whole, rows, np.zeros(len(rows), np.intp), np.ones(len(rows), bool))
    starts, ends = np.append(whole.starts, listed.texts.starts), np.append(whole.ends, listed.texts.ends)
    owners, items = np.append(rows, listed.rows), np.append(np.zeros(len(rows), np.intp), listed.items)
    order = np.argsort(starts, kind="stable")
    return Objects(Texts(starts[order], ends[order]), owners[order], items[order], order < len(rows))
