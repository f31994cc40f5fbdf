"""Lines of containers."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pyarrow as pa

from sllm_core.reading import Reader
from sllm_core.reading.lines import split_lines
from sllm_core.reading.wrappers import find_wrapper

NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)


def docker(*texts: str) -> bytes:
    objects = ({"log": text, "stream": "stdout", "time": "2024-05-01T12:00:00Z"} for text in texts)
    return b"".join(orjson.dumps(value) + b"\n" for value in objects)


def read(text: bytes) -> pa.Table:
    reader = Reader("s", reference=NOON)
    return pa.concat_tables([reader.feed(text), reader.finish()])


def test_wrappers_are_told_from_other_lines() -> None:
    assert find_wrapper(split_lines(docker("a\n"))) == "docker"
    assert find_wrapper(split_lines(b"2024-05-01T12:00:00Z stdout F a\n")) == "cri"
    assert find_wrapper(split_lines(b'{"log":"a","user":1}\nx\n')) == ""


def test_stack_trace_over_several_docker_lines_is_one_record() -> None:
    table = read(
        docker("ERROR:root:boom\n", "Traceback (most recent call last):\n", '  File "a.py"\n', "INFO:root:up\n")
    )
    assert table["message"].to_pylist() == ['boom\nTraceback (most recent call last):\n  File "a.py"', "up"]
    assert table["line"].to_pylist() == [1, 4]


def test_split_docker_line_is_put_together() -> None:
    table = read(docker("begin ", "end\n", "next\n"))
    assert table["message"].to_pylist() == ["begin end", "next"]
    assert table["line"].to_pylist() == [1, 3]


def test_time_of_the_wrapper_stands_in() -> None:
    assert read(docker("no time\n"))["timestamp"].to_pylist() == [datetime(2024, 5, 1, 12, tzinfo=UTC)]


def test_time_of_the_program_comes_first() -> None:
    assert read(docker("2024-05-01 11:59:58 INFO x\n"))["timestamp"].to_pylist()[0].second == 58


def test_strange_lines_among_wrapped_ones_are_kept() -> None:
    assert read(docker(*["a\n"] * 20) + b"strange\n")["message"].to_pylist()[-1] == "strange"


def test_origins_are_places_of_the_wrapped_lines() -> None:
    text = docker("a\n", "b\n")
    assert read(text)["origin"].to_pylist() == ["s@0", f"s@{len(text) // 2}"]
