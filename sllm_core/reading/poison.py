"""Messages that cannot be read as records: what is wrong with them, and where."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

import orjson

from sllm_core.reading.encodings import BYTE_ORDER_MARK, clean_line, is_clean
from sllm_core.reading.structured import load_json

ErrorType = Literal["not-text", "broken-json", "wrong-envelope", "too-deep", "too-large", "reader-error"]

LIMIT = 16 << 20
"""Bytes of one message; larger ones are not read."""

_SHOWN = 40
"""Characters of a message that an error shows."""

_UTF16 = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_REPLACED_SHARE = 0.1
_DEEP = ("depth", "recursion")


@dataclass(frozen=True)
class Poison:
    """A message that cannot be read: its place, a word for the kind of error, and one line that says what is wrong.

    `exception` is the name of the exception's type where the reader itself failed.
    """

    place: int
    error_type: ErrorType
    error: str
    exception: str = ""


class Unreadable(ValueError):
    """A message, or a part of one, that cannot be read."""

    def __init__(self, error_type: ErrorType, error: str, exception: str = "") -> None:
        super().__init__(error)
        self.error_type: ErrorType = error_type
        self.exception = exception


def text_of(payload: bytes) -> bytes:
    """The payload as clean UTF-8, without byte order mark and NUL bytes at its end.

    UTF-16 is read if a byte order mark or the NUL bytes tell it, CP949 as in files.

    Raises:
        Unreadable: it is too large, or no text.
    """
    if len(payload) > LIMIT:
        raise Unreadable("too-large", f"the message has {len(payload)} bytes; more than {LIMIT} are not read")
    text = _from_utf16(payload) or payload.removeprefix(BYTE_ORDER_MARK).rstrip(b"\0")
    if is_clean(text):
        return text
    if b"\0" in text:
        raise Unreadable("not-text", f"not text: a NUL byte at byte {payload.index(0)} of {len(payload)}")
    cleaned = b"\n".join(clean_line(line)[0] for line in text.split(b"\n"))
    replaced = cleaned.count("\ufffd".encode()) - text.count("\ufffd".encode())
    if replaced > _REPLACED_SHARE * len(cleaned.decode()):
        raise Unreadable("not-text", f"not text: neither UTF-8, UTF-16 nor CP949 from byte {_bad_byte(text)} on")
    return cleaned


def _from_utf16(payload: bytes) -> bytes | None:
    """The UTF-16 as UTF-8; None where it is none."""
    encoding = next((name for mark, name in _UTF16 if payload.startswith(mark)), "")
    if not encoding and len(payload) % 2 == 0 and b"\0" in payload:
        high, low = payload[1::2].count(0), payload[::2].count(0)
        encoding = "utf-16-le" if high > len(payload) / 4 and not low else ""
        encoding = "utf-16-be" if low > len(payload) / 4 and not high else encoding
    try:
        return payload.decode(encoding).removeprefix("\ufeff").encode() if encoding else None
    except UnicodeDecodeError:
        return None


def _bad_byte(text: bytes) -> int:
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return error.start
    return 0


def any_json(text: bytes) -> object:
    """The value of clean JSON, also with what only Python writes and reads: NaN, control characters, halves of pairs.

    Raises:
        ValueError: this is no JSON.
    """
    try:
        return load_json(text)
    except ValueError as error:
        if _is_deep(error) or not is_like_json(text):  # how deep Python's own reader goes differs by version
            raise
    try:
        value: object = json.loads(text, strict=False)
    except RecursionError as error:
        raise ValueError("recursion") from error
    return value


def is_like_json(text: bytes) -> bool:
    """Whether the text begins as objects, arrays of objects and arrays of several strings do, and log lines do not."""
    return _beginning().match(text) is not None


@cache
def _beginning() -> re.Pattern[bytes]:
    string = rb'"(?:[^"\\]|\\.)*'
    return re.compile(
        rb"\s*(?:(?:\[\s*)?\{\s*" + string + rb'(?:"\s*(?::|\Z)|\Z)|\[\s*' + string + rb'"\s*,\s*")', re.S
    )


def raise_if_broken(text: bytes) -> None:
    """Refuse text that was meant to be JSON, as a whole or line by line. It is known that it is no JSON as a whole.

    Raises:
        Unreadable: it was.
    """
    first, feed, rest = text.partition(b"\n")
    if not is_like_json(text):
        _raise_if_deep(text)
    elif feed and _error_of(first) is None:
        begin = len(first) + 1
        for line in rest.split(b"\n"):
            if is_like_json(line) and (error := _error_of(line)):
                raise _broken(text, line, begin, error)
            begin += len(line) + 1
    elif (error := _error_of(text)) and not _is_followed_by_text(text, error):
        raise _broken(text, text, 0, error)


def _raise_if_deep(text: bytes) -> None:
    error = _error_of(text) if text.lstrip()[:1] in (b"[", b"{") else None
    if error and any(word in error.msg.lower() for word in _DEEP):
        raise _broken(text, text, 0, error)


def _error_of(text: bytes) -> json.JSONDecodeError | None:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError as error:
        try:
            any_json(text)
        except ValueError:
            return error
    return None


def _is_deep(error: ValueError) -> bool:
    return any(word in str(error).lower() for word in _DEEP)


def _is_followed_by_text(text: bytes, error: json.JSONDecodeError) -> bool:
    """Whether a whole value stands before something that looks like no JSON."""
    rest = error.doc[error.pos :].lstrip()
    return "after document" in error.msg and rest[:1] not in ("", *"{}[],")


def _broken(text: bytes, part: bytes, begin: int, error: json.JSONDecodeError) -> Unreadable:
    place = len(error.doc[: error.pos].encode(errors="surrogateescape"))
    if _is_deep(error):
        return Unreadable("too-deep", f"JSON nested too deep at byte {begin + place} of {len(text)}")
    near = part[max(0, place - _SHOWN // 2) :].decode(errors="replace")[:_SHOWN]
    return Unreadable("broken-json", f"broken JSON at byte {begin + place} of {len(text)}: {error.msg}, near {near!r}")
