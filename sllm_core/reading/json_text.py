"""Where strings and objects stand in many JSON texts at once, found without parsing any of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sllm_core.buffers import WORD
from sllm_core.reading.encodings import is_utf8

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

_QUOTE, _SLASH, _COMMA, _SPACE = (ord(sign) for sign in '"\\, ')
_OPEN, _CLOSE, _EITHER_CASE = ord("["), ord("]"), 0xDF
"""Braces are brackets but for one bit."""


@dataclass(frozen=True)
class Texts:
    """Texts (n,) within one buffer, which are in ascending order and do not overlap."""

    starts: Ints
    ends: Ints

    def __len__(self) -> int:
        return len(self.starts)

    def chosen(self, rows: NDArray[np.intp] | Bools) -> Texts:
        """Only those of the texts."""
        return Texts(self.starts[rows], self.ends[rows])

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Where each text starts and ends."""
        return zip(self.starts.tolist(), self.ends.tolist(), strict=True)


def joined(texts: Sequence[bytes], spare: int = 0) -> tuple[bytes, Texts]:
    """The texts with a line feed behind each, and where they stand; behind all, `spare` further line feeds."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    ends = np.cumsum(lengths + 1) - 1
    return b"\n".join([*texts, *[b""] * (spare + 1)]), Texts(ends - lengths, ends)


class JsonText:
    """Texts with line feeds between them, of which some are JSON, and `places` (n,), where they stand in `data`.

    Where this class speaks of quotes, escaped ones are none.
    """

    def __init__(self, texts: Sequence[bytes]) -> None:
        self.data, self.places = joined(texts, spare=WORD)
        self.codes: Bytes = np.frombuffer(self.data, np.uint8)
        self.words = np.ndarray(len(self.data) - WORD + 1, "<u8", self.codes, strides=(1,))

    @cached_property
    def quotes(self) -> NDArray[np.int32]:
        """Where the quotes stand."""
        found = self.codes == _QUOTE
        slashes = self.slashes
        if len(slashes):
            begins = np.diff(slashes, prepend=-2) != 1
            first = np.maximum.accumulate(np.where(begins, slashes, 0))
            found[slashes[(slashes - first) % 2 == 0] + 1] = False
        return np.flatnonzero(found).astype(np.int32)

    @cached_property
    def slashes(self) -> Ints:
        """Where the backslashes stand."""
        return np.flatnonzero(self.codes == _SLASH) if b"\\" in self.data else np.zeros(0, np.int64)

    @cached_property
    def is_utf8(self) -> bool:
        """Whether all texts are UTF-8."""
        return is_utf8(self.data)

    @cached_property
    def _controls(self) -> Ints:
        """Where control characters stand, if there are more than between the texts."""
        found = self.codes < _SPACE
        between = len(self.places) + WORD
        return np.flatnonzero(found) if np.count_nonzero(found) > between else np.zeros(0, np.int64)

    def first_quotes(self, texts: Texts) -> tuple[Ints, Ints]:
        """For each text (n,) the number of its first quote among all, and how many it has."""
        first = np.searchsorted(self.quotes, texts.starts.astype(np.int32))
        return first, np.searchsorted(self.quotes, texts.ends.astype(np.int32)) - first

    def escaped(self, texts: Texts) -> Bools:
        """Which of the texts (n,) have backslashes."""
        return _have(self.slashes, texts)

    def plain(self, texts: Texts) -> Bools:
        """Which of the texts (n,) are UTF-8 without control characters."""
        clean = ~_have(self._controls, texts)
        return clean if self.is_utf8 else clean & self._decoding(texts)

    def _decoding(self, texts: Texts) -> Bools:
        return np.array([is_utf8(self.data[start:end]) for start, end in texts.pairs()], bool)

    def objects(self, lists: Texts) -> tuple[Texts, Ints]:
        """The objects in lists of objects with commas between them, and how many each list has (n,).

        A list that has anything else in it counts as having none. That the brackets are paired rightly is not proven,
        nor that the objects are JSON.
        """
        if not len(lists):
            return lists, np.zeros(0, np.int64)
        places, owners, depths, opening = self._brackets(lists)
        opens, closes = np.flatnonzero(opening & (depths == 1)), np.flatnonzero(~opening & (depths == 0))
        counts = np.bincount(owners[opens], minlength=len(lists))
        good = (counts == np.bincount(owners[closes], minlength=len(lists))) & (counts > 0)
        good[owners[depths < 0]] = False
        opens, closes = opens[good[owners[opens]]], closes[good[owners[closes]]]
        found, owner = Texts(places[opens], places[closes] + 1), owners[opens]
        good &= self._adjoining(found, owner, lists)
        return found.chosen(good[owner]), np.where(good, counts, 0)

    def _brackets(self, lists: Texts) -> tuple[Ints, Ints, Ints, Bools]:
        """Of the brackets outside of strings: the place, the list, the depth behind it, and whether it opens."""
        kinds = self.codes & _EITHER_CASE
        places = np.flatnonzero((kinds == _OPEN) | (kinds == _CLOSE))
        owners = np.searchsorted(lists.starts, places, side="right") - 1
        before = np.searchsorted(self.quotes, places.astype(np.int32)) - self.first_quotes(lists)[0][owners]
        within = (owners >= 0) & (places < lists.ends[owners]) & (before % 2 == 0)
        places, owners = places[within], owners[within]
        opening = kinds[places] == _OPEN
        depths = np.cumsum(np.where(opening, 1, -1))
        first = np.searchsorted(owners, np.arange(len(lists)))
        return places, owners, depths - np.append(0, depths)[first][owners], opening

    def _adjoining(self, objects: Texts, owners: Ints, lists: Texts) -> Bools:
        """Which of the lists are nothing but their objects, with a comma and at most one space between two."""
        good = np.ones(len(lists), bool)
        first = np.diff(owners, prepend=-1) != 0
        last = np.append(first[1:], True)[: len(first)]
        good[owners[first][objects.starts[first] != lists.starts[owners[first]]]] = False
        good[owners[last][objects.ends[last] != lists.ends[owners[last]]]] = False
        before, begins = objects.ends[:-1], objects.starts[1:]
        gaps, spaced = begins - before, self.codes[before + 1] == _SPACE
        beside = (self.codes[before] == _COMMA) & ((gaps == 1) | ((gaps == 2) & spaced))
        good[owners[1:][~first[1:] & ~beside]] = False
        good[owners[self.codes[objects.starts] != ord("{")]] = False
        return good


def _have(places: Ints, texts: Texts) -> Bools:
    """Which of the texts (n,) have one of the ascending places."""
    found: Bools = np.searchsorted(places, texts.ends) > np.searchsorted(places, texts.starts)
    return found
