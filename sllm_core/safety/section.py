"""The section of a prompt in which data stands: between marks that the data cannot contain."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import count

PREFIX = "| "
"""Begins each line of data, so that none of them can look like a line of the prompt."""


class DataSection:
    """Encloses lines of data in a prompt. The same lines and the same `key` give the same text, so that caches work.

    Above and below the lines stands a mark with 16 hexadecimal digits that follow from the lines by a keyed hash
    (BLAKE2b, RFC 7693): who writes the lines but does not know the key cannot foresee them. Keep the key where others
    cannot read it, and as long as answers are to be found in a cache.

    Raises:
        ValueError: the key has fewer than 16 bytes.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < 16:
            raise ValueError(f"a key of {len(key)} bytes can be guessed: at least 16 random ones are needed")
        self._key = hashlib.blake2b(key, digest_size=32, person=b"sllm data").digest()

    def mark(self, text: str) -> str:
        """The 16 hexadecimal digits that follow from a text."""
        return hashlib.blake2b(text.encode(errors="surrogatepass"), key=self._key, digest_size=8).hexdigest()

    def enclose(self, lines: Sequence[str]) -> str:
        """The lines, each behind `| `, between two lines that bear the mark; a line break in one of them becomes `↵`.

        The mark stands nowhere between these two lines.
        """
        body = "\n".join(PREFIX + " ↵ ".join(line.splitlines()) for line in lines)
        marks = (self.mark(f"{nth}\n{body}") for nth in count())
        mark = next(each for each in marks if each not in body.lower())
        return "\n".join([f"=== data {mark} ===", *([body] if lines else []), f"=== end of data {mark} ==="])
