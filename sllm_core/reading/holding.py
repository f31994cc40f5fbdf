"""The bytes that are not given out as records yet, and where each of them stood in what was read."""

from __future__ import annotations

import codecs

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

LINE_LIMIT = 16 << 20
"""Bytes of a line that are kept; the rest of a longer line is left out, counted and marked."""

MARK = " …[the rest of this line is left out]".encode()

UTF16 = "utf-16-le", "utf-16-be"


class Holding:
    """Bytes in order, as UTF-8 when they came as UTF-16, with lines of bounded length.

    `encoding` is a name of UTF16 or "utf-8", and empty until the first bytes have shown it. `begin` is the position of
    the first byte held, `end` that behind all bytes added. `cut` counts the lines whose rest was left out, `lost` the
    bytes of those rests.
    """

    def __init__(self, offset: int, encoding: str = "", limit: int = LINE_LIMIT) -> None:
        self.encoding = encoding if encoding or not offset else "utf-8"
        self.end = offset
        self.cut = 0
        self.lost = 0
        self._limit = limit
        self.begin = offset
        self._head = b""
        self._whole: list[bytes | memoryview] = []
        self._complete = 0
        self._rest = bytearray()
        self._holes: list[tuple[int, int]] = []
        self._open = 0
        self._decoder = codecs.getincrementaldecoder(encoding)("replace") if encoding in UTF16 else None

    def add(self, chunk: bytes) -> None:
        """Take further bytes."""
        self.end += len(chunk)
        if not self.encoding:
            self._head += chunk
            chunk, self._head = self._head, b""
            self._detect(chunk)
        self._take(chunk)

    def close(self) -> None:
        """Take what was kept back of a character that has not ended."""
        self.encoding = self.encoding or "utf-8"
        head, self._head = self._head, b""
        self._take(head, final=True)

    @property
    def complete(self) -> int:
        """How many bytes whole lines have."""
        return self._complete

    def __len__(self) -> int:
        return self._complete + len(self._rest)

    def text(self, length: int) -> bytes:
        """The first `length` bytes held."""
        text = self._joined()
        if length > len(text):
            text += self._rest
        return text if length == len(text) else text[:length]

    def release(self, length: int) -> None:
        """Forget the first `length` bytes."""
        text = self.text(length) if self.encoding in UTF16 else b""
        self.begin = int(self.origins(text, np.array([length]))[0])
        self._holes = [(place - length, skipped) for place, skipped in self._holes if place > length]
        del self._rest[: max(0, length - self._complete)]
        self._whole = [self._joined()[length:]]
        self._complete = len(self._whole[0])

    def _joined(self) -> bytes:
        """The whole lines, which are copied once, when they are asked for."""
        text = b"".join(self._whole)
        self._whole = [text]
        return text

    def _keep(self, part: bytes) -> None:
        feed = part.rfind(b"\n") + 1
        if not feed:
            self._rest += part
            return
        self._whole += [bytes(self._rest), memoryview(part)[:feed]]
        self._complete += len(self._rest) + feed
        self._rest = bytearray(memoryview(part)[feed:])

    def origins(self, text: bytes, places: Ints) -> Ints:
        """Where the bytes at those places of `text`, the first bytes held, stood in what was read."""
        origins = self.begin + self._lengths(text, places)
        for place, skipped in self._holes:
            origins = origins + np.where(places >= place, skipped, 0)
        return origins

    def _detect(self, start: bytes) -> None:
        if len(start) < 2:
            self._head = start
            return
        self.encoding = {codecs.BOM_UTF16_LE: UTF16[0], codecs.BOM_UTF16_BE: UTF16[1]}.get(start[:2], "utf-8")
        if self.encoding in UTF16:
            self._decoder = codecs.getincrementaldecoder(self.encoding)("replace")

    def _lengths(self, text: bytes, places: Ints) -> Ints:
        """How many bytes the text up to each place had when it was read."""
        if self.encoding not in UTF16:
            return places
        codes = np.frombuffer(text, np.uint8)
        units = np.cumsum(((codes & 0xC0) != 0x80).astype(np.int64) + (codes >= 0xF0))
        return 2 * np.append(0, units)[places]

    def _take(self, chunk: bytes, final: bool = False) -> None:
        if self._head:
            return
        if self._decoder:
            chunk = self._decoder.decode(chunk, final).encode()
        step = max(1, self._limit // 2)
        for start in range(0, len(chunk), step):
            self._append(chunk[start : start + step] if len(chunk) > step else chunk)

    def _append(self, part: bytes) -> None:
        if self._open + len(part) > self._limit:
            for line in _split(part):
                self._extend(line)
            return
        self._keep(part)
        feed = part.rfind(b"\n")
        self._open = len(part) - feed - 1 if feed >= 0 else self._open + len(part)

    def _extend(self, piece: bytes) -> None:
        """Add a piece of one line, as far as the line may grow."""
        body = piece.removesuffix(b"\n")
        kept = body[: max(0, self._limit - self._open)]
        self._keep(kept)
        if len(kept) < len(body):
            self._skip(body[len(kept) :])
        self._open += len(body)
        if len(body) < len(piece):
            self._keep(b"\n")
            self._open = 0

    def _skip(self, rest: bytes) -> None:
        length = int(self._lengths(rest, np.array([len(rest)]))[0])
        self.lost += length
        if self._open <= self._limit:
            self.cut += 1
            self._keep(MARK)
            length -= int(self._lengths(MARK, np.array([len(MARK)]))[0])
            self._holes.append((len(self), length))
        else:
            place, skipped = self._holes[-1]
            self._holes[-1] = place, skipped + length


def _split(part: bytes) -> list[bytes]:
    lines = part.split(b"\n")
    return [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
