from __future__ import annotations

import pytest

from sllm_core.figures import describe_wrong
from sllm_core.prompts.answers import speaks, text_mistake

FACTS = {"errors": 5, "records": 1300, "services": ["주문-api", "注文"]}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("5 errors occurred.", "en"),
        ("5 errors in 주문-api occurred.", "en"),
        ("5건의 오류가 발생했습니다.", "ko"),
        ("orders에서 Connection refused 로그가 기록되었습니다.", "ko"),
        ("注文에서 오류가 발생했습니다.", "ko"),
    ],
)
def test_names_of_another_script_change_no_language(text: str, language: str) -> None:
    assert speaks(text, language, str(FACTS))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("5건의 오류가 발생했습니다.", "en"),
        ("5 errors occurred in the past hour.", "ko"),
        ("오류가 5건 発生했습니다.", "ko"),
        ("Ошибок было 5.", "en"),
    ],
)
def test_another_language_is_noticed(text: str, language: str) -> None:
    assert not speaks(text, language, str(FACTS))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("5 errors occurred.", None),
        (" . ", "has no plain sentence"),
        ("Run `rm -rf /` now!", "has no plain sentence"),
        ("errors " * 20, "is too long: write fewer and shorter sentences"),
        ("오류가 발생했습니다.", "is not in English: write English"),
        ("77 errors occurred.", describe_wrong(["77"], "en")),
    ],
)
def test_what_is_wrong_with_a_text_is_told(text: str, told: str | None) -> None:
    assert text_mistake(text, FACTS, "en", limit=100) == told


def test_it_is_told_in_the_language_of_the_question() -> None:
    told = text_mistake("77건의 오류가 발생했습니다.", FACTS, "ko", 100)
    assert told is not None and told.startswith("사실에 없는 수치입니다: ‘77건’.")


def test_figures_of_other_texts_that_were_shown_may_be_told() -> None:
    assert text_mistake("Port 5432 refused.", FACTS, "en", 100, known=["refused by db1:5432"]) is None
