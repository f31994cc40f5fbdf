from __future__ import annotations

import re

import pytest

from sllm_core.summaries.issues import catalogue, excerpt


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


def test_other_texts_are_named_by_their_first_words_in_quotes() -> None:
    kind = catalogue().kind("the basket of <*> was blue")
    assert (kind, catalogue().title(kind, "ko")) == ("the basket of … was blue", "“the basket of … was blue”")


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("JWT <*> <*> ago, asking client to refresh (userId=<*>)", "JWT … ago, asking client to refresh (userId=…)"),
        ("card of [<*>] refused, code=<*>", "card of … refused, code=…"),
        ("one two three four five six seven, eight, nine", "one two three four five six seven, eight …"),
        (f"{'x' * 60} {'y' * 60}", f"{'x' * 60} …"),
        ("<*>", "…"),
    ],
)
def test_an_excerpt_shows_what_varies_as_one_character(template: str, expected: str) -> None:
    assert excerpt(template) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Reduce slow start threshold not met",
        "block is added to invalidSet of <*>",
        "Progress of TaskAttempt <*> is : <*>",
        "TLS handshake with <*> done in <*>",
        "GET /orders/<*> 500 bytes",
        "Disconnectable resource pool created",
        "quorum of <*> reached",
    ],
)
def test_words_that_only_look_like_trouble_name_none(text: str) -> None:
    assert catalogue().match(text) is None


def test_exceptions_and_statuses_are_titles_as_they_are() -> None:
    titles = [catalogue().title(kind, "ko") for kind in ("HTTP 503", "BasketEmptyException")]
    assert titles == ["HTTP 503", "BasketEmptyException"]


def test_words_are_in_lower_case() -> None:
    literal = [re.sub(r"\\.", "", each.words.pattern) for each in catalogue().issues]
    assert literal == [each.lower() for each in literal]


def test_every_role_is_known() -> None:
    assert {each.role for each in catalogue().issues} == {"cause", "fault", "effect", "other", "everyday"}


def test_words_of_nothing_still_name_something() -> None:
    assert excerpt("") == "?"


def test_keys_and_names_are_distinct() -> None:
    for names in zip(*((each.key, each.english, each.korean) for each in catalogue().issues), strict=True):
        assert len(set(names)) == len(names)
