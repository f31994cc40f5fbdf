"""Lines of text as they come, for who needs no records of them."""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedReader

from sllm_core.reading.encodings import BYTE_ORDER_MARK, clean_line

CHUNK = 1 << 20
LONGEST = 16 << 20
"""Bytes of a line; a longer one comes in pieces."""


def text_lines(stream: BufferedReader) -> Iterator[list[str]]:
    """The lines, each with its end, in lists of as many as could be read without waiting for more.

    What is no UTF-8 is read as CP949, or its bytes are replaced. The last line may have no end.
    """
    rest = b""
    while chunk := stream.read1(CHUNK):
        *lines, rest = (rest + chunk).split(b"\n")
        texts = [_decoded(line) + "\n" for line in lines]
        if len(rest) > LONGEST:
            texts, rest = [*texts, _decoded(rest)], b""
        if texts:
            yield texts
    if rest:
        yield [_decoded(rest)]


def _decoded(line: bytes) -> str:
    try:
        return line.removeprefix(BYTE_ORDER_MARK).decode()
    except UnicodeDecodeError:
        return clean_line(line)[0].decode()
