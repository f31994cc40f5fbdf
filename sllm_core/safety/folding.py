"""A text as tokenizers that fold may see it: compatibility forms and capitals give way to plain small letters."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

CHARACTERS = 1 << 13
"""For how many characters it is remembered what they fold to."""


@dataclass(frozen=True)
class Folded:
    """`text` is folded; `origins` says for each of its characters where it stood before, None: where it stands."""

    text: str
    origins: Sequence[int] | None = None

    @classmethod
    def of(cls, text: str) -> Folded:
        """Each character by itself in form NFKC and lower case, so `＜｜ＥＯＳ` becomes `<|eos`."""
        if text.isascii():
            return cls(text.lower())
        changed = {each: fold for each in set(text) if (fold := _fold(each)) != each}
        folded = text.translate({ord(each): fold for each, fold in changed.items()})
        if all(len(fold) == 1 for fold in changed.values()):
            return cls(folded)
        places = [place for place, each in enumerate(text) for _ in changed.get(each, each)]
        return cls(folded, places)

    def origin(self, place: int) -> int:
        """Where the character at `place` stood before."""
        return place if self.origins is None else self.origins[place]


@lru_cache(CHARACTERS)
def _fold(character: str) -> str:
    return unicodedata.normalize("NFKC", character).lower()
