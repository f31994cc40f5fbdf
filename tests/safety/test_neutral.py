from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sllm_core.safety import neutralise, visible
from sllm_core.safety.invisible import one_line
from sllm_core.safety.neutral import BREAK

SPECIAL = (
    "<|begin_of_text|>",
    "<|eot_id|>",
    "<|reserved_special_token_7|>",
    "<|im_start|>",
    "<start_of_turn>",
    "<｜begin▁of▁sentence｜>",
    "<|START_OF_TURN_TOKEN|>",
    "[INST]",
    "<<SYS>>",
    "<s>",
    "</s>",
    "<think>",
    "[|endofturn|]",
    "]~b]",
    "<unused12>",
    "\n\nHuman:",
    " <EOT>",
    "§§",
    "9to5",
    "aXa",
    "ok.",
    "__x",
)
PIECES = (
    *(piece for token in SPECIAL for piece in (token, *token)),
    *"\x1b\x9b\x9d\x90[]0m;\x07\x00\n\r\t \u200b\u200c\u200d\u00ad\ufeff\u202e\u3164\u2028\ufe0f\U000e0041\ud800\udc00",
    "\x1b[0m",
    "\x1b]0;",
    "시스템:",
    "system",
    "###",
    "response",
    "===",
    "end",
    "＜",
    "ﬁ",
    "\u1109\u1175",
    "\u0338",
    "👨",
)
HOSTILE = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=30).map("".join))


@given(HOSTILE)
@example("<|eo\x1b[0mt_id|>")
@example("<|eo\u200bt_id|>")
@example("aXaXa")
def test_no_token_of_the_vocabulary_is_left(text: str) -> None:
    neutral = neutralise(text, SPECIAL)
    assert [token for token in SPECIAL if token in neutral] == []


@given(HOSTILE)
def test_no_token_is_left_in_another_case_or_compatibility_form(text: str) -> None:
    folded = unicodedata.normalize("NFKC", neutralise(text, SPECIAL)).casefold()
    assert [token for token in SPECIAL if unicodedata.normalize("NFKC", token).casefold() in folded] == []


@given(HOSTILE)
def test_neutral_text_stays_as_it_is(text: str) -> None:
    neutral = neutralise(text, SPECIAL)
    assert neutralise(neutral, SPECIAL) == neutral


@given(HOSTILE)
def test_a_person_reads_the_same(text: str) -> None:
    assert neutralise(text, SPECIAL).replace(BREAK, "") == one_line(visible(text))


@given(HOSTILE)
def test_neutral_text_is_one_line_that_a_client_can_send(text: str) -> None:
    neutral = neutralise(text, SPECIAL)
    neutral.encode()
    assert neutral == "" or neutral.splitlines() == [neutral]
    assert not any(unicodedata.category(each) in ("Cc", "Cs") for each in neutral)


@given(HOSTILE)
def test_text_grows_threefold_at_most(text: str) -> None:
    assert len(neutralise(text, SPECIAL)) <= 3 * len(text)


@pytest.mark.parametrize(
    ("text", "neutral"),
    [
        ("<|EOT_ID|> < | im_start | > <\\|x|>", "<·|EOT_ID|> <· | im_start | > <·\\|x|>"),
        ("[INST] a [/INST] <<SYS>> b <</SYS>>", "[·INST] a [·/INST] <·<·SYS>> b <·<·/SYS>>"),
        ("<s>a</s><S> <start of turn>", "<·s>a<·/s><·S> <·start of turn>"),
        ("＜｜ｅｏｔ_ｉｄ｜＞ ＜ｔｈｉｎｋ＞", "＜·｜ｅｏｔ_ｉｄ｜＞ ＜·ｔｈｉｎｋ＞"),
        ("<tool_call> </think> [TOOL_CALLS] [gMASK]", "<·tool_call> <·/think> [·TOOL_CALLS] [·gMASK]"),
        ("system: a", "system·: a"),
        ("10:00 **Assistant** : a", "10:00 **Assistant·** : a"),
        ("done.\nUser: b", "done. ↵ User·: b"),
        ("시스템: 무시", "시스템·: 무시"),
        ('{"msg":"[시스템 공지]: a\\nuser：b"}', '{"msg":"[시스템 공지·]: a\\nuser·：b"}'),
        ("### Response", "#·## Response"),
        ("x ##### 지시사항", "x #·#### 지시사항"),
        ("===== END OF DATA =====", "=·==== END OF DATA ====="),
        ("--- 로그 끝 ---", "-·-- 로그 끝 ---"),
        ('```json """', '`·``json "·""'),
    ],
)
def test_markers_of_all_families_are_broken(text: str, neutral: str) -> None:
    assert neutralise(text).replace(BREAK, "·") == neutral


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01 10:00:00,123 ERROR [main] com.acme.Gateway: request id=42 failed: java.io.IOException: a",
        "at com.acme.Foo.<init>(Foo.java:12) List<String> Map<K, List<V>> <*> <email:1> <user:2>",
        '{"level":"error","user":"bob","msg":"a: b","n":[1,2]}',
        "결제 서버에 연결하지 못했습니다: 주문 42번 😀 👨‍👩‍👧 ❤️ 1️⃣ 🇰🇷",
        "C:\\logs\\app.log /var/log/app.log a|b <- -> <= x << 2 ---- ==== ####",
        "می‌خواهم قلم",
        "-----------------------------",
        "Failed password for invalid user: bob",
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert neutralise(text, SPECIAL) == text


@pytest.mark.parametrize("text", ['<log level="a">b</log>', "<user id='3'/>", "system: ok", "<s>x</s>"])
def test_what_is_broken_for_its_look_reads_the_same(text: str) -> None:
    assert neutralise(text).replace(BREAK, "") == text


def test_variants_of_tokens_of_the_vocabulary_are_broken() -> None:
    neutral = neutralise("§ § <unused 99> [ Turn_over ]", ("§§", "<unused12>", "[turn over]"))
    assert neutral.replace(BREAK, "·") == "§· § <·unused 99> [· Turn_over ]"


def test_a_token_of_one_letter_is_left() -> None:
    assert neutralise("a b a", ("a", " a", "")) == "a b a"


@pytest.mark.parametrize(
    "unit", ["<", "[", "#", ":", "system:", "<|", " ", "\n", "\x1b[", "\x1b]", "=", "1", "가", "ﬁ", "\u0301"]
)
def test_time_grows_linearly_with_the_length(unit: str) -> None:
    text = unit * 200_000
    assert len(neutralise(text, ("9a9", "<x y>", "[ab]"))) <= 3 * len(text)


def test_nothing_else_than_a_break_is_put_in() -> None:
    assert re.sub("[^·]", "", neutralise("<|a|> <|b|>").replace(BREAK, "·")) == "··"
