from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.prompts.tokens import answer_tokens, log_tokens, prompt_tokens, prose_tokens


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("retry", 3), ("db1:5432", 7), ("a b", 2), ("a\nb", 3), ("실패", 6)]
)
def test_tokens_of_logs_err_upwards(text: str, tokens: int) -> None:
    assert log_tokens(text) == tokens


def test_korean_prose_has_a_token_for_each_character() -> None:
    assert prose_tokens("요청이 실패했습니다.") == 10
    assert prose_tokens("The request failed.") == 7


@given(st.text(), st.text())
def test_longer_texts_have_no_fewer_tokens(head: str, tail: str) -> None:
    for tokens in (log_tokens, prose_tokens):
        assert max(tokens(head), tokens(tail)) <= tokens(f"{head} {tail}") <= tokens(head) + tokens(tail) + 1
    assert prompt_tokens(head, tail) >= prose_tokens(head) + log_tokens(tail)


def test_an_answer_may_have_the_longest_of_its_labels() -> None:
    label = {"properties": {"next": {"type": "string", "enum": ["disk", "hardware"]}}}
    assert answer_tokens(label, "en") == 8 + log_tokens('\n "next": ,') + log_tokens('"hardware"')


def test_a_korean_character_is_a_token() -> None:
    text = {"properties": {"a": {"type": "string", "maxLength": 300}}}
    assert answer_tokens(text, "ko") - answer_tokens(text, "en") == 150
