from __future__ import annotations

import pytest

from sllm_core.evaluation.tables import BadLine, Line, decoded, read_table
from sllm_core.plugin import PluginError


def lines(name: str, data: str | bytes) -> list[Line | BadLine]:
    return list(read_table(name, data if isinstance(data, bytes) else data.encode()).lines)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_with_any_usual_delimiter(delimiter: str) -> None:
    (line,) = lines("a.csv", delimiter.join(["message", "severity"]) + "\n" + delimiter.join(["disk full", "critical"]))
    assert line == Line(2, {"message": "disk full", "severity": "critical"})


def test_a_row_is_named_by_its_first_line() -> None:
    first, second = lines("a.csv", 'message,severity\n"two\nlines",normal\nlast,normal\n')
    assert (first.number, second.number) == (2, 4)


def test_separators_of_unicode_do_not_end_a_row() -> None:
    (line,) = lines("a.csv", "message,severity\nleft\u2028right\x0bmore,normal\n")
    assert isinstance(line, Line)
    assert line.values["message"] == "left\u2028right\x0bmore"


def test_a_text_with_commas_needs_quotes() -> None:
    (line,) = lines("a.csv", "message,severity\nno, not so,normal\n")
    assert isinstance(line, BadLine)
    assert "quotes" in line.what


def test_a_quotation_mark_that_is_not_closed_is_named() -> None:
    good, bad = lines("a.csv", 'message,severity\nfine,normal\n"open,normal\nlost,normal\n')
    assert isinstance(good, Line)
    assert isinstance(bad, BadLine)
    assert (bad.number, "not closed" in bad.what, "line 4" in bad.what) == (3, True, True)


def test_json_lines_name_what_is_no_object() -> None:
    first, second, third = lines("a.jsonl", '{"message":"a","weight":3}\n[1]\n\n{"message":\n')
    assert first == Line(1, {"message": "a", "weight": "3"})
    assert second == BadLine(2, "no JSON object")
    assert isinstance(third, BadLine) and third.number == 4


def test_deep_nesting_is_a_bad_line() -> None:
    (line,) = lines("a.jsonl", '{"message":' + "[" * 100_000)
    assert isinstance(line, BadLine)


def test_one_json_list_is_refused_with_what_to_do() -> None:
    with pytest.raises(PluginError, match="jq"):
        read_table("a.json", b'[{"message":"a"}]')


def test_json_is_recognised_without_its_name() -> None:
    assert lines("stdin", '{"message":"a"}\n') == [Line(1, {"message": "a"})]


@pytest.mark.parametrize(
    "data",
    [
        "메시지,감성\n연결 실패,부정\n".encode("utf-8-sig"),
        "메시지,감성\n연결 실패,부정\n".encode("cp949"),
        "메시지,감성\n연결 실패,부정\n".encode("utf-16"),
    ],
)
def test_korean_files_are_read_in_all_encodings(data: bytes) -> None:
    assert decoded(data) == "메시지,감성\n연결 실패,부정\n"
