"""The compiled loops of reading, beside what numpy and Arrow say."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sllm_core.kernels import loops
from sllm_core.reading import Reader, reader
from sllm_core.reading.compiled import Compiled, compiled
from sllm_core.reading.fields import name_column, word_codes
from sllm_core.reading.levels import level_codes
from sllm_core.reading.lines import split_lines
from sllm_core.reading.time_layouts import TIME_LAYOUTS
from sllm_core.reading.timestamps import Clock, parse_spans

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
ZONES = (UTC, ZoneInfo("Asia/Seoul"), ZoneInfo("America/New_York"))
TIMES = (
    *("2024-02-29 23:59:60.5", "2023-02-29 10:00:00", "2024-13-01 10:00:00", "2024-12-31T23:59:59,123456789Z"),
    *(
        "Feb 29 10:00:00",
        "Mar  2 11:59:59",
        "Mar  2 12:00:01",
        "Dec 31 23:59:59",
        "Xyz  1 10:00:00",
        "70-01-01 00:00:00",
    ),
    *("69-12-31 00:00:00.000", "1970-01-01 00:00:00+09:00", "1970-01-01 00:00:00-09:00", "01/May/2024:12:00:00 +0900"),
    *("Thu Jun 09 06:07:04 2005", "12:00:00", "1714564800.123", "2024-05-01 24:00:00", "2024-05-01 12:60:00", "x"),
)
PIECES = st.sampled_from([b"a", b"1", b"\n", b"\r\n", b"\0", b"\x1b[0m", "한".encode(), b"\xff", b" " * 9, b"abcdefgh"])


@pytest.fixture(scope="module")
def fast() -> Compiled:
    pytest.importorskip("llvmlite", reason="needs llvmlite: install the extra `fast`")
    found = compiled()
    assert found
    return found


def laid(texts: list[bytes]) -> tuple[bytes, loops.Int32s, loops.Int32s]:
    ends = np.array(list(accumulate(map(len, texts))), np.int32)
    return b"".join(texts), ends - np.array([len(text) for text in texts], np.int32), ends


@settings(deadline=None)
@given(data=st.lists(PIECES, max_size=40).map(b"".join))
def test_lines_are_the_same(fast: Compiled, data: bytes) -> None:
    one, other = split_lines(data, fast), split_lines(data)
    assert one.text.to_pylist() == other.text.to_pylist()
    assert one.raw.tolist() == other.raw.tolist()
    assert one.repaired.tolist() == other.repaired.tolist()


@settings(deadline=None)
@given(texts=st.lists(st.sampled_from(TIMES), min_size=1, max_size=30), zone=st.sampled_from(ZONES))
def test_times_are_the_same(fast: Compiled, texts: list[str], zone: ZoneInfo) -> None:
    data, starts, ends = laid([text.encode() for text in texts])
    spans = np.frombuffer(data, np.uint8), starts, ends, Clock(zone, NOON), TIME_LAYOUTS
    assert parse_spans(*spans, fast).tolist() == parse_spans(*spans).tolist()


@settings(deadline=None)
@given(texts=st.lists(st.sampled_from([b"INFO", b"WARN", b"-", b"", b"x" * 40, b"xy"]), min_size=1))
def test_names_and_codes_are_the_same(fast: Compiled, texts: list[bytes]) -> None:
    spans = laid(texts)
    assert name_column(*spans, fast).equals(name_column(*spans))
    assert word_codes(*spans, level_codes, fast).tolist() == word_codes(*spans, level_codes).tolist()


def test_more_words_than_slots_are_left_to_arrow(fast: Compiled) -> None:
    spans = laid([b"%d" % number for number in range(5000)])
    assert fast.numbered(*spans) is None
    assert name_column(*spans, fast).equals(name_column(*spans))


@settings(deadline=None)
@given(texts=st.lists(st.text(" \t\x1f\x85\u3000a한\u200b", max_size=4).map(str.encode), min_size=1))
def test_spans_are_trimmed_as_far_as_ascii_goes(fast: Compiled, texts: list[bytes]) -> None:
    data, starts, ends = laid(texts)
    begins, stops, doubtful = fast.trimmed(data, starts, ends)
    assert [data[begin:stop] for begin, stop in zip(begins, stops, strict=True)] == [
        text.strip(bytes([*range(9, 14), *range(28, 33)])) for text in texts
    ]
    left = [data[begin:stop].decode() for begin, stop in zip(begins, stops, strict=True)]
    assert doubtful or all(text.strip() == text for text in left)


@pytest.mark.parametrize("end", ["\n", "\r\n", "  \n", "\n\tat x(Y.java:1)\n", "\x00\n", "\u3000\n"])
def test_records_are_the_same(fast: Compiled, end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    line = "2024-02-29 12:{:02}:{:02},123 {} [main] com.acme.App{} - step {}" + end
    words = ("INFO", "WARN", "ERROR")
    text = "".join(line.format(i // 60, i % 60, words[i % 3], i % 7, i) for i in range(600)).encode()
    plain = read(text)
    monkeypatch.setattr(reader, "MUCH", 0)
    assert read(text) == plain


def read(text: bytes) -> list[dict[str, object]]:
    given = Reader("s", reference=NOON)
    parts = [text[start:stop] for start, stop in pairwise([*range(0, len(text), 9000), len(text)])]
    tables = [*map(given.feed, parts), given.finish()]
    rows: list[dict[str, object]] = pa.concat_tables(tables).unify_dictionaries().to_pylist()
    return rows


def test_what_is_compiled_is_what_the_loops_say(fast: Compiled) -> None:
    data, starts, ends = laid([b" a ", b"b", b"\t", b"c d"])
    begins, stops, found = starts.copy(), ends.copy(), np.zeros(1, np.int64)
    loops.trim_spans(np.frombuffer(data, np.uint8), begins, stops, len(starts), found)
    assert [each.tolist() for each in fast.trimmed(data, starts, ends)[:2]] == [begins.tolist(), stops.tolist()]
