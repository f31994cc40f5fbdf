from __future__ import annotations

import pytest

from sllm_core.evaluation.labels import MISSING
from sllm_core.evaluation.reading import Labelled, Rows, read_labelled
from sllm_core.plugin import PluginError


def read(text: str, name: str = "data.csv") -> Rows:
    return read_labelled([(name, text.encode())])


def test_all_columns_of_a_row() -> None:
    text = "message,sentiment,severity,level,time,source,weight,pattern\nhi,긍정,정상,INFO,2026-03-01,shop,3,p1\n"
    assert read(text).rows == [Labelled("hi", 0, 0, "INFO", "2026-03-01", "shop", 3.0, "p1")]


def test_korean_headers() -> None:
    assert read("메시지,감성,심각도,출처\n연결 실패,부정,심각,결제\n").rows == [
        Labelled("연결 실패", 2, 2, source="결제")
    ]


def test_one_of_the_labels_may_be_missing() -> None:
    assert read("message,severity\na,normal\n").rows == [Labelled("a", MISSING, 0, source="data")]
    assert read("message,sentiment,severity\na,positive,\n").rows[0].severity == MISSING


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("a,,", "no label"),
        (" ,positive,normal", "the message is empty"),
        ("a,hapy,normal", "'hapy' is no sentiment"),
        ("a,positive,normal,-1", "the weight '-1' is no number above 0"),
        ("a,positive,normal,nan", "the weight 'nan' is no number above 0"),
    ],
)
def test_a_bad_row_is_named_and_left_out(row: str, what: str) -> None:
    found = read(f"message,sentiment,severity,weight\nok,positive,normal,1\n{row}\n")
    assert len(found.rows) == 1
    assert [str(each) for each in found.bad] == [f"data.csv:3: {what}"]


def test_unknown_labels_are_listed_once_with_what_may_be_meant() -> None:
    found = read("message,severity\na,critcal\nb,critcal\nc,odd\nd,normal\n")
    assert list(found.mistakes()) == [
        "'critcal' is no severity (2 rows); did you mean critical?",
        "'odd' is no severity (1 rows)",
    ]


@pytest.mark.parametrize(
    ("header", "what"),
    [
        ("massage,severity", "no column 'message'; is 'massage' meant?"),
        ("message,severty", "'severty' meant?"),
        ("message,label", "neither a column 'sentiment' nor 'severity'"),
        ("", "the file is empty"),
    ],
)
def test_a_missing_column_is_named_with_what_may_be_meant(header: str, what: str) -> None:
    with pytest.raises(PluginError) as raised:
        read(f"{header}\n")
    assert what in str(raised.value)
