"""What is done to bytes that are not clean UTF-8: colours out, NUL bytes out, CP949 read, the rest replaced."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pyarrow as pa

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
ESCAPE = b"\x1b"


def is_clean(data: bytes) -> bool:
    """Whether the text is UTF-8 without NUL bytes and escape sequences."""
    if b"\0" in data or ESCAPE in data:
        return False
    return data.isascii() or is_utf8(data)


def is_utf8(data: bytes) -> bool:
    """Whether the bytes are UTF-8; Arrow finds out twice as fast as decoding does, when they are many."""
    bounds = pa.py_buffer(np.array([0, len(data)], np.int64))
    text = pa.Array.from_buffers(pa.large_string(), 1, [None, bounds, pa.py_buffer(data)])
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _decodes(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def clean_line(line: bytes) -> tuple[bytes, bool]:
    """The line as UTF-8, and whether it had to be repaired: NUL bytes taken out or undecodable bytes replaced.

    Escape sequences of terminals are taken out, and CP949 (the Korean code page of Windows) is read, without
    counting as a repair.
    """
    bare = _escapes().sub(b"", line) if ESCAPE in line else line
    kept = bare.replace(b"\0", b"")
    if kept.isascii() or _decodes(kept):
        return kept, len(kept) < len(bare)
    if text := _korean(kept):
        return text.encode(), len(kept) < len(bare)
    return kept.decode(errors="replace").encode(), True


@cache
def _escapes() -> re.Pattern[bytes]:
    return re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")


def _korean(line: bytes) -> str | None:
    """The line read as CP949, if that is likelier than UTF-8 with some bad bytes.

    CP949 gives some Hangul for nearly any bytes; text has mostly the 2,350 common syllables, which EUC-KR holds too.
    """
    try:
        text = line.decode("cp949")
    except UnicodeDecodeError:
        return None
    wide = [letter for letter in text if letter > "\x7f"]
    common = sum(len(letter.encode("euc_kr", errors="ignore")) == 2 for letter in wide)
    replaced = line.decode(errors="replace")
    good = sum("\x7f" < letter != "\ufffd" for letter in replaced)
    return text if common * 2 > len(wide) and replaced.count("\ufffd") >= good else None
