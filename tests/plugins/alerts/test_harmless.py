from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.redaction import Redactor
from sllm_core.safety.folding import Folded
from sllm_plugins.alerts.harmless import Harmless

HARMLESS = Harmless(Redactor())
MENTION = re.compile(r"[@＠]\w")
LINKED = re.compile(r"[a-z]://|www\.\w|\w\.(?:com|example)|\w@\w|\bjavascript:a")
"""What chats and mail programs make links of."""

PARTS = (
    *("<!everyone>", "<@U123>", "@channel", "@here", "#channel", "!", "<http://evil.example", "click>", "www.evil.com"),
    *("[a](http://evil.example/x)", "](", "][", "]:", "`", "```", "**", "__init__", "_x_", "~~", "||", "\\", "\n# "),
    *(
        "<script>",
        "</b>",
        "&lt;!channel&gt;",
        "javascript:alert(1)",
        "ＨＴＴＰ://evil。com",
        "\u202e",
        "\x1b[31m",
        "\n> ",
    ),
    *("kim@shop.example", "evil.com/path", " ", "a", "오류"),
)
HOSTILE = st.lists(st.sampled_from(PARTS), max_size=12).map("".join)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("connect to db-1 failed", "connect to db-1 failed"),
        ("결제 실패: 주문 1234", "결제 실패: 주문 1234"),
        ("java.lang.NullPointerException at Order.java:12", "java.lang.NullPointerException at Order.java:12"),
        ("GET http://evil.example/x", "GET http:\u200b//evil.\u200bexample/x"),
        ("<!everyone> @channel", "‹!everyone› @\u200bchannel"),
        ("[click](http://evil.com)", "[click]\u200b(http:\u200b//evil.\u200bcom)"),
        ("**bold** `code` ~~x~~", "∗∗bold∗∗ ʼcodeʼ ∼∼x∼∼"),
        ("__init__ of order_service", "ˍˍinitˍˍ of order_service"),
        ("__init__www.evil.com__init__", "ˍˍinitˍˍwww.\u200bevil.\u200bcomˍˍinitˍˍ"),
        ("first\nsecond\x1b[31m", "first ↵ second"),
        ("@channelevil.com/path", "@\u200bchannelevil.\u200bcom/path"),
        ("a@ops.com/pathevil.com/path", "‹email:\u200b1›/pathevil.\u200bcom/path"),
        ("mail to kim@shop.co.kr", "mail to ‹email:1›"),
    ],
)
def test_text_keeps_its_look_and_loses_its_effect(text: str, shown: str) -> None:
    assert HARMLESS.line(text, 200) == shown


def test_secrets_are_hidden_before_the_text_is_cut() -> None:
    line = HARMLESS.line("password=hunter22secret " + "x" * 5000 + " token=abcdef0123456789abcdef", 80)
    assert "hunter22" not in line and "abcdef0123" not in line and len(line) <= 120


@given(HOSTILE)
def test_nothing_is_left_that_chats_act_upon(text: str) -> None:
    line = HARMLESS.line(text, 2000)
    assert not set(line) & set("<>`*~\n\x1b\u202e")
    assert MENTION.search(line) is None and "](" not in line
    assert LINKED.search(Folded.of(line).text) is None


@given(st.text(max_size=300))
def test_any_text_becomes_one_line_that_can_be_sent(text: str) -> None:
    line = HARMLESS.line(text, 200)
    assert "\n" not in line and len(line.encode()) >= len(line)
