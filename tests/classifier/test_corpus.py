from __future__ import annotations

from collections import Counter

import pytest

from sllm_core.classifier.corpus import Labelled, read_corpus
from sllm_core.classifier.judgement import SENTIMENTS, SEVERITIES
from sllm_core.records import LEVELS


@pytest.fixture(scope="module")
def corpus() -> tuple[Labelled, ...]:
    return read_corpus()


def test_it_is_large_and_varied(corpus: tuple[Labelled, ...]) -> None:
    assert len({each.message for each in corpus}) >= 1_500
    assert len({each.software for each in corpus}) >= 40


def test_no_message_comes_twice(corpus: tuple[Labelled, ...]) -> None:
    assert [message for message, count in Counter(each.message for each in corpus).items() if count > 1] == []


def test_labels_are_known(corpus: tuple[Labelled, ...]) -> None:
    assert {each.sentiment for each in corpus} == set(SENTIMENTS)
    assert {each.severity for each in corpus} == set(SEVERITIES)
    assert {each.level for each in corpus} == {*LEVELS, None}
    assert {each.language for each in corpus} == {"en", "ko"}


def test_labels_agree(corpus: tuple[Labelled, ...]) -> None:
    assert [each for each in corpus if each.sentiment == "positive" and each.severity != "normal"] == []
    assert [each for each in corpus if each.severity == "critical" and each.sentiment != "negative"] == []


def test_korean_messages_are_korean(corpus: tuple[Labelled, ...]) -> None:
    korean = [any("가" <= character <= "힣" for character in each.message) for each in corpus]
    assert korean == [each.language == "ko" for each in corpus]
