from __future__ import annotations

import csv
from collections import Counter
from importlib import resources

import numpy as np
import pytest

from sllm_core.classifier.lexicon import CLASSES, FEATURES, Lexicon
from sllm_core.classifier.text import words


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.load()


def found(lexicon: Lexicon, text: str) -> set[tuple[str, str]]:
    """Pairs of the class and whether it is asserted or denied."""
    [row] = lexicon.counts([words(text)])
    return {(CLASSES[each // 2][0], "denied" if each % 2 else "asserted") for each in np.flatnonzero(row)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kernel panic", ("critical", "asserted")),
        ("out of memory", ("critical", "asserted")),
        ("no single fault", ("critical", "denied")),
        ("0 failures", ("critical", "denied")),
        ("without any crash", ("critical", "denied")),
        ("failures: 0", ("critical", "denied")),
        ("parity error corrected", ("critical", "denied")),
        ("오류 없음", ("positive", "asserted")),
        ("오류가 발생하지 않았습니다", ("critical", "denied")),
        ("실패 0건", ("critical", "denied")),
        ("실패 10건", ("critical", "asserted")),
        ("응답없음", ("critical", "asserted")),
        ("배포완료", ("positive", "asserted")),
        ("재시도중입니다", ("warning", "asserted")),
        ("successfully deployed", ("positive", "asserted")),
        ("not available", ("warning", "asserted")),
    ],
)
def test_terms_are_found(lexicon: Lexicon, text: str, expected: tuple[str, str]) -> None:
    assert expected in found(lexicon, text)


def test_english_terms_match_words_only(lexicon: Lexicon) -> None:
    assert found(lexicon, "terrorize the bookshop") == set()


def test_a_denial_does_not_reach_over_the_next_korean_term(lexicon: Lexicon) -> None:
    assert ("critical", "asserted") in found(lexicon, "연결 실패, 지연 없음")


def test_counts_of_nothing(lexicon: Lexicon) -> None:
    assert lexicon.counts([]).shape == (0, FEATURES)
    assert not lexicon.counts([[]]).any()


def test_hundreds_of_terms_in_each_language_and_none_twice() -> None:
    table = resources.files("sllm_core.classifier").joinpath("lexicon.csv").read_text(encoding="utf-8")
    rows = [*csv.DictReader(table.splitlines())]
    assert min(Counter(row["language"] for row in rows).values()) >= 300
    assert len({(row["language"], row["term"]) for row in rows}) == len(rows)
