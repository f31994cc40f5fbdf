"""Headers of unknown formats."""

from __future__ import annotations

import re

import pytest

from sllm_core.reading.learnt import learn_header, learnt_header
from sllm_core.reading.time_search import find_time

WORDS = ("link up", "cable lost on port", "retry", "user kim came", "no answer: timeout", "ok", "queue full", "done in")


def rest(header: str, count: int = 40) -> list[str]:
    """What a learnt header leaves of lines that begin with `header`, in which # is a number."""
    lines = [header.replace("#", f"{i % 60:02}") + f"{WORDS[i % 8]} {i}" for i in range(count)]
    learnt = learn_header(lines)
    assert learnt
    pattern = re.compile(learnt.pattern)
    return [line[found.end() :] for line in lines if (found := pattern.match(line))]


@pytest.mark.parametrize(
    "header",
    [
        *("2024-05-01 12:00:# ", "[2024-05-01 12:00:#] ", "2024-05-01 12:00:#.123 | WARN | core | ", "1714564# ERROR "),
        *(
            "node# 77 2024-05-01 12:00:# INFO ",
            "2024-05-01 12:00:#.5 4242 INFO app.core.x [req-#] ",
            "(2024-05-01 12:00:#) <3> ",
        ),
        *("20240501-12:0:#:5|Step|300#|", "[05.01 16:49:#] tool.exe - ", "2024-05-01 12:00:# WARN  net.Pool: "),
        *("A# 17145648# 2024.05.29 R0# 2024-05-29-16.20.#.675 R0# RAS KERNEL INFO ", "May  1 12:00:# host app[#]: "),
        *(
            "2024-05-01 12:00:# [WARN] [worker-#] ",
            "2024/05/01 12:00:# main.c:#: ",
            "2024-05-01T12:00:#Z\tINFO\tpool\t",
        ),
    ],
)
def test_header_is_taken_off_and_no_more(header: str) -> None:
    header = header.replace("1714564#", "17145648#")
    assert [text.split()[0] for text in rest(header)] == [WORDS[i % 8].split()[0] for i in range(40)]


def test_sentence_with_a_time_is_no_header() -> None:
    assert learn_header(["Backup began at 2024-05-01 12:00:00 on host a", "bye"]) is None


def test_level_alone_may_be_the_header() -> None:
    header = learn_header(["[INFO] a"] * 9 + ["[ERROR] b"] * 9)
    assert header and header.name == "learnt(marked)"


def test_name_gives_the_header_back() -> None:
    header = learn_header([f"2024-05-01 12:00:{i:02} INFO x{i}" for i in range(30)])
    assert header
    assert learnt_header(header.name) == header


@pytest.mark.parametrize("name", ["learnt()", "learnt(foo)", "learnt(time:foo)"])
def test_unknown_columns_are_refused(name: str) -> None:
    with pytest.raises((KeyError, ValueError)):
        learnt_header(name)


def test_first_and_longest_time_is_found() -> None:
    assert find_time("a b 2024-05-01 12:00:00 UTC x") == ("iso-zone", 2)
    assert find_time("nothing here") is None
