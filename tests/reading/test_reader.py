"""The reader: positions, continuation, repairs, several formats."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pyarrow as pa
import pytest

from sllm_core.reading import Reader
from sllm_core.reading.holding import MARK

NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)
LOG = "".join(
    f"2024-05-01 12:{i // 60:02}:{i % 60:02},000 INFO [main] com.acme.App - step {i}\n" for i in range(300)
).encode()


def reader(layout: str | None = None) -> Reader:
    return Reader("app.log", layout=layout, reference=NOON)


def read(text: bytes) -> tuple[pa.Table, Reader]:
    given = reader()
    return pa.concat_tables([given.feed(text), given.finish()]).unify_dictionaries(), given


def test_origins_are_shard_and_byte() -> None:
    table, _ = read(LOG)
    assert table["origin"].to_pylist()[:2] == ["app.log@0", f"app.log@{LOG.index(b'2024', 1)}"]
    assert table["line"].to_pylist() == list(range(1, 301))


def test_last_record_waits_for_the_next_line() -> None:
    given = reader(read(LOG)[1].layout)
    assert len(given.feed(LOG)) == 299
    assert given.offset == LOG.rindex(b"2024-05")
    assert (len(given.finish()), given.offset, given.line) == (1, len(LOG), 301)


def test_flush_gives_whole_lines_only() -> None:
    given = reader(read(LOG)[1].layout)
    given.feed(LOG[:-5])
    assert len(given.flush()) == 1
    assert given.offset == LOG.rindex(b"2024-05", 0, len(LOG) - 5)
    assert given.finish()["message"].to_pylist() == ["step"]


def test_file_without_final_line_feed_is_read_to_its_end() -> None:
    assert read(LOG[:-1])[0]["message"].to_pylist()[-1] == "step 299"


def test_cp949_and_utf8_may_be_mixed() -> None:
    table, given = read("경고: 하나\n".encode() + "경고: 두번째 오류\n".encode("cp949") + b"\xff\xfe\xff bad\n")
    assert table["message"].to_pylist()[:2] == ["경고: 하나", "경고: 두번째 오류"]
    assert given.repaired == 1


def test_repaired_records_are_counted_once_each() -> None:
    text = LOG.replace(b"step 7\n", b"st\0ep 7\n\0more\n")
    table, given = read(text)
    assert table["message"].to_pylist()[7] == "step 7\nmore"
    assert given.repaired == 1


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_with_byte_order_mark(encoding: str) -> None:
    text = ("\ufeff" + LOG.decode()).encode(encoding)
    table, given = read(text)
    assert table["message"].to_pylist()[-1] == "step 299"
    assert given.offset == len(text)
    assert given.layout and given.layout.startswith(encoding)


def test_byte_order_mark_is_no_text() -> None:
    assert read(b"\xef\xbb\xbf" + LOG)[0]["message"].to_pylist()[0] == "step 0"


def test_very_long_line_is_kept_up_to_the_limit_and_counted() -> None:
    table, given = read(LOG + b"x" * (17 << 20) + b"\n" + LOG)
    assert given.cut == 1
    assert given.lost == 1 << 20
    assert sum(message.endswith(MARK.decode()) for message in table["message"].to_pylist()) == 1
    assert given.offset == 2 * len(LOG) + (17 << 20) + 1


def test_endless_continuation_becomes_several_records() -> None:
    table, _ = read(LOG + b"  more\n" * 1200)
    assert [message.count("\n") + 1 for message in table["message"].to_pylist()[-3:]] == [500, 500, 201]


def test_several_formats_in_one_file() -> None:
    access = b'203.0.113.7 - - [01/May/2024:12:00:00 +0900] "GET / HTTP/1.1" 200 5\n'
    table, given = read(b"".join(line + b"\n" + access for line in LOG.splitlines()))
    assert len(table) == 600
    assert given.strangers == 0
    assert table["message"].to_pylist()[:2] == ["step 0", '"GET / HTTP/1.1" 200 5']


def test_format_that_comes_later_is_found() -> None:
    later = b"".join(b"I0501 12:00:00.%06d 1 main.go:12] tick %d\n" % (i, i) for i in range(9000))
    table, _ = read(LOG * 20 + later)
    assert table["message"].to_pylist()[-1] == "tick 8999"


def test_header_with_an_impossible_time_is_none() -> None:
    table, _ = read(LOG.replace(b"2024-05-01 12:00:07", b"2024-05-41 12:00:07"))
    assert len(table) == 299
    assert "2024-05-41" in table["message"].to_pylist()[6]


def test_lines_of_unknown_format_are_records_of_their_own() -> None:
    table, given = read(b"starting\n  detail\ndone\n\nValueError: x\n")
    assert table["message"].to_pylist() == ["starting\n  detail", "done", "ValueError: x"]
    assert (given.layout, given.strangers) == ("plain", 2)


def test_blank_text_gives_no_records_and_is_not_held() -> None:
    given = reader("plain")
    assert len(given.feed(b"\n \n\n")) == 0
    assert (given.offset, given.line) == (4, 4)


def test_layout_of_an_earlier_reader_saves_the_search() -> None:
    layout = read(LOG)[1].layout
    later = Reader("app.log", offset=50, line=7, layout=layout, reference=NOON)
    table = pa.concat_tables([later.feed(LOG), later.finish()])
    assert table["origin"].to_pylist()[0] == "app.log@50"
    assert table["line"].to_pylist()[0] == 7
    assert later.layout == layout


@pytest.mark.parametrize("layout", ["nonsense", "log4j@nonsense", "learnt(foo)", "learnt()"])
def test_unknown_layout_is_refused(layout: str) -> None:
    with pytest.raises(ValueError, match="unknown layout"):
        reader(layout)


def test_level_at_the_start_of_the_message_is_taken() -> None:
    said = ("ERROR: no route", "warning: slow", "errors: 0")
    table, _ = read("".join(f"May  1 12:00:00 h app[1]: {each}\n" for each in said).encode())
    assert table["level"].to_pylist() == ["ERROR", "WARN", None]


def test_exception_behind_the_level_stays_in_the_message() -> None:
    table, _ = read(LOG.replace(b"[main] com.acme.App - step 3\n", b"java.io.IOException: disk full\n"))
    assert table["message"].to_pylist()[3] == "java.io.IOException: disk full"


def test_origins_ascend_over_chunks() -> None:
    given = reader()
    tables = [given.feed((LOG * 30)[start : start + 100_000]) for start in range(0, 30 * len(LOG), 100_000)]
    places = [
        int(origin.partition("@")[2]) for origin in pa.concat_tables([*tables, given.finish()])["origin"].to_pylist()
    ]
    assert len(places) == 9000
    assert all(first < second for first, second in pairwise(places))
