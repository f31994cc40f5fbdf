from __future__ import annotations

import pytest

from sllm_core.summaries.issues import catalogue, telling_words


@pytest.mark.parametrize(
    ("text", "english", "korean"),
    [
        ("Connection refused to <*>", "Connection failure", "연결 실패"),
        ("DB 연결이 끊어졌습니다", "Connection failure", "연결 실패"),
        ("Retrying request, attempt <*>", "Retry failure", "재시도 실패"),
        ("재시도 <*>회 실패", "Retry failure", "재시도 실패"),
        ("java.lang.OutOfMemoryError: Java heap space", "Out of memory", "메모리 부족"),
        ("write failed: No space left on device", "Disk full", "디스크 공간 부족"),
        ("Failed password for root from <*>", "Authentication failure", "인증 실패"),
        ("request timed out after <*>", "Timeout", "시간 초과"),
        ("x509: certificate has expired", "Certificate or TLS failure", "인증서 오류"),
        ("Got exception while serving <*>", "Unexpected exception", "예외 발생"),
        ("Deadlock found when trying to get lock", "Deadlock", "교착 상태"),
    ],
)
def test_known_trouble_has_a_name_in_both_languages(text: str, english: str, korean: str) -> None:
    kind = catalogue().kind(text)
    assert (catalogue().title(kind, "en"), catalogue().title(kind, "ko")) == (english, korean)


def test_unknown_exceptions_are_kinds_of_their_own() -> None:
    assert catalogue().kind("com.shop.BasketEmptyException: basket <*>") == "BasketEmptyException"


def test_other_texts_are_named_by_their_telling_words() -> None:
    assert catalogue().kind("the basket of <*> was blue") == "basket blue"


def test_words_of_nothing_still_name_something() -> None:
    assert telling_words("") == "?"


def test_keys_and_names_are_distinct() -> None:
    for names in zip(*((each.key, each.english, each.korean) for each in catalogue().issues), strict=True):
        assert len(set(names)) == len(names)
