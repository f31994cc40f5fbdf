"""Columns of fields."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from sllm_core.reading.fields import name_column, present_spans, string_column, without_levels, word_codes
from sllm_core.reading.levels import UNKNOWN, WORDS, level_codes
from sllm_core.reading.lines import Ints

TEXT = b"INFO - WARN  informational x"


def spans(*pairs: tuple[int, int]) -> tuple[Ints, Ints]:
    return np.array([start for start, _ in pairs], np.int32), np.array([end for _, end in pairs], np.int32)


def test_nothing_and_a_dash_are_missing() -> None:
    starts, _ = present_spans(TEXT, *spans((0, 4), (5, 6), (7, 7), (27, 28)))
    assert starts.tolist() == [0, -1, -1, 27]


def test_strings_and_names_are_the_texts_in_the_spans() -> None:
    where = spans((0, 4), (-1, -1), (7, 11), (12, 12))
    assert string_column(TEXT, *where).to_pylist() == ["INFO", None, "WARN", None]
    assert name_column(TEXT, *where).to_pylist() == ["INFO", None, "WARN", None]


@pytest.mark.parametrize("last", [(13, 26), (27, 28), (-1, -1), (5, 6)])
def test_codes_are_those_of_the_words(last: tuple[int, int]) -> None:
    word = TEXT[last[0] : last[1]].decode() if last[0] >= 0 else ""
    codes = word_codes(TEXT, *spans((0, 4), (7, 11), last), level_codes)
    assert codes.tolist() == [
        WORDS["INFO"],
        WORDS["WARN"],
        UNKNOWN if word == "-" else WORDS.get(word.upper(), UNKNOWN),
    ]


def test_no_spans_have_no_codes() -> None:
    assert word_codes(b"", *spans(), level_codes).tolist() == []


def test_hosts_that_are_levels_are_taken_for_levels_where_there_is_none() -> None:
    hosts = pa.array(["web01", "ERROR", None, "ERROR"]).dictionary_encode()
    error, warn = level_codes(pa.array(["error", "warn"])).tolist()
    left, codes = without_levels(hosts, np.array([UNKNOWN, UNKNOWN, UNKNOWN, warn], np.int8))
    assert left.to_pylist() == ["web01", None, None, "ERROR"]
    assert codes.tolist() == [UNKNOWN, error, UNKNOWN, warn]
