"""Identifiers with digits: names, versions, addresses, paths. They are no figures, but must occur as such."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sllm_core.figures.terms import lexicon

_ENDS = ".:-/=+'*_#&@^\\"
_PIECES = re.compile(r"[:/=@#&?+^]+")
_FROM_KEY = re.compile(r"[_\W]+")
_DIGIT = re.compile(r"\d")


def trimmed(word: str) -> tuple[str, int]:
    """The word without the punctuation around it, and how many characters that took at its beginning."""
    bare = word.lstrip(_ENDS)
    return bare.rstrip(_ENDS), len(word) - len(bare)


def pieces(name: str) -> Iterator[str]:
    """The parts with digits of a compound: host and port, key and value, the steps of a path."""
    return (trimmed(each)[0] for each in _PIECES.split(name) if _DIGIT.search(each))


class Names:
    """The identifiers that facts and other known texts contain."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._long: list[str] = []

    def add(self, word: str) -> None:
        """A word that occurs, with its parts."""
        name = trimmed(word.casefold())[0]
        self._known.add(name)
        self._known.update(pieces(name))
        if len(name) > 8:
            self._long.append(name)

    def add_key(self, key: str) -> None:
        """The key of a fact; of `p95_ms` also `p95`."""
        if _DIGIT.search(key):
            self._known.update((key.casefold(), *_FROM_KEY.split(key.casefold())))

    def __contains__(self, word: str) -> bool:
        name = word.casefold()
        parts = list(pieces(name))
        if self._is_known(name) or (len(parts) > 1 and all(map(self._is_known, parts))) or self._hangs_on(name):
            return True
        return "/" in name and any(name in each for each in self._long)

    def begins(self, word: str) -> bool:
        """Whether a long identifier begins with the word: it was cut."""
        return any(each.startswith(word.casefold()) for each in self._long)

    def _is_known(self, name: str) -> bool:
        return name in self._known or name in lexicon().general

    def _hangs_on(self, name: str) -> bool:
        """`p95-latency` and `5xx-rate` hang words on a name."""
        known = [each for each in name.split("-") if _DIGIT.search(each)]
        return "-" in name and all(not each.isdecimal() and self._is_known(each) for each in known)
