"""Which messages cannot be read, and what is said of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

import numpy as np
import pytest

from sllm_core.reading import MessageReader, Messages, poison
from sllm_core.reading.contents import Contents
from sllm_core.reading.poison import is_like_json, text_of
from sllm_core.reading.sifting import Sifted, sift

DEEP = b"[" * 5000 + b"]" * 5000


def read(*payloads: bytes) -> Messages:
    count = len(payloads)
    return MessageReader(UTC).read_many(payloads, "t-0", np.arange(count), np.full(count, 1_714_564_800_000_000))


@pytest.mark.parametrize(
    ("payload", "error_type", "error"),
    [
        (b"a\0b\1", "not-text", "a NUL byte at byte 1 of 4"),
        (bytes(range(128, 256)), "not-text", "neither UTF-8"),
        (b"\xff\xfea\0b", "not-text", "not text"),
        (b'{"msg":"a","da', "broken-json", "byte 14 of 14"),
        ('{"말":"a" 1}'.encode(), "broken-json", "byte 11 of 13"),
        (b'[{"msg":"a"},{"msg"', "broken-json", "byte 19 of 19"),
        (b'["a","b"', "broken-json", "byte 8 of 8"),
        (b'{"type":"a","count":2,"data":["x",', "broken-json", "byte 34 of 34"),
        (b'{"type":"a","count":1,"data":[{"a":1}{"a":2}]}', "broken-json", "byte 37 of 46"),
        (b'{"msg":"a"}{"msg":"b"}', "broken-json", "byte 11 of 22"),
        (b'{"msg":"a"}\n{"msg":', "broken-json", "byte 19 of 19"),
        (b'{"msg":"a"}\n{"msg":}', "broken-json", "byte 19 of 20"),
        (b'{"count":1,"data":{"a":1}}', "wrong-envelope", "is an object"),
        (b'{"type":"a","count":1,"data":5}', "wrong-envelope", "is a number"),
        (b'{"type":"a","count":1,"data":null}', "wrong-envelope", "is null"),
        (DEEP, "too-deep", "at byte"),
        (b'{"a":' + DEEP + b"}", "too-deep", "at byte"),
    ],
)
def test_what_is_poison(payload: bytes, error_type: str, error: str) -> None:
    found = read(payload)
    assert (len(found.table), [each.error_type for each in found.poison]) == (0, [error_type])
    assert error in found.poison[0].error
    assert len(found.poison[0].error) < 160
    assert "\n" not in found.poison[0].error


@pytest.mark.parametrize(
    "payload",
    [
        *(b"[2026-01-01] started", b"{main} ready", b"[main] up [ok]", b'["main"] up', b'{"a":1} was sent', b"{", b"["),
        *(b"{}x", b'{"a"} b', b"[[a]]", b"a\0", "경고 느림".encode("cp949"), b"caf\xe9 au lait", b"\x1b[31mred\x1b[0m"),
        *(b"read so far\n\xff", b'5 {"a":', b'text\n{"a":'),
    ],
)
def test_what_is_text(payload: bytes) -> None:
    found = read(payload)
    assert (len(found.table) > 0, found.poison) == (True, ())


@pytest.mark.parametrize("payload", [b'{"msg":"m","a":NaN}', b'{"msg":"m","b":"x\ty"}', b'{"msg":"m","c":"\\ud83d"}'])
def test_what_only_lenient_programs_write(payload: bytes) -> None:
    found = read(payload)
    assert [text[0] for text in found.table["message"].to_pylist()] == ["m"]


def test_message_over_the_limit_is_poison(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poison, "LIMIT", 10)
    with pytest.raises(poison.Unreadable, match="11 bytes"):
        text_of(b"x" * 11)


def test_large_messages_are_found_among_others() -> None:
    found = read(b"a", b"x" * (poison.LIMIT + 1), b'{"msg":"b"}')
    assert found.table["message"].to_pylist() == ["a", "b"]
    assert [(each.place, each.error_type) for each in found.poison] == [(1, "too-large")]


def test_message_that_makes_the_reader_fail_breaks_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(payloads: Sequence[bytes], contents: Contents) -> Sifted:
        if b"bad" in payloads:
            raise RecursionError("too much " * 50)
        return sift(payloads, contents)

    monkeypatch.setattr("sllm_core.reading.message_records.sift", failing)
    found = read(b"a", b"b", b"bad", b"c", b"d")
    assert found.table["message"].to_pylist() == ["a", "b", "c", "d"]
    assert [(each.place, each.error_type) for each in found.poison] == [(2, "reader-error")]
    assert found.poison[0].error.startswith("reading failed: RecursionError")


def test_want_of_memory_is_no_fault_of_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(payloads: Sequence[bytes], contents: Contents) -> Sifted:
        raise MemoryError

    monkeypatch.setattr("sllm_core.reading.message_records.sift", failing)
    with pytest.raises(MemoryError):
        read(b"a", b"b")


def test_nothing_of_a_poisoned_message_is_a_record() -> None:
    nested = b"[" * 1000 + b"]" * 1000
    found = read(b'[{"msg":"a"},' + nested + b"]", b"b")
    assert [(each.place, each.error_type) for each in found.poison] == [(0, "too-deep")]
    assert found.table["message"].to_pylist() == ["b"]


@pytest.mark.parametrize(
    ("text", "expected"), [(b'{"a', True), (b'{ "a" :', True), (b'[{"a":', True), (b'{"a"}', False)]
)
def test_what_looks_like_json(text: bytes, expected: bool) -> None:
    assert is_like_json(text) is expected
