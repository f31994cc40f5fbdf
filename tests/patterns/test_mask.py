from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sllm_core.patterns.fingerprint import mask_digits
from sllm_core.patterns.mask import MANY, mask, mask_all

PIECES = """
true null None deadbeef FACEB00C ab : :: / ./ C:\\ \\\\ http:// redis: Mon, Monday Dec December UTC KST KB ms % µs
root ADMIN adm\u0131n Gue\u017ft user from for by ( ) [ ] { } ' " = , ; . | - name= state= jobFailed= msg=" failed
<*> 7 실패 <1 >=
"""
TEXTS = st.lists(st.sampled_from([*PIECES.split(), " ", "  ", "\t", "\u3000", ": ", " <*> "]), max_size=20).map("".join)


def template(message: str) -> str:
    return mask(mask_digits(pa.array([message]))[0].as_py())


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("ready: true, cache = null", "ready: <*>, cache = <*>"),
        ("token deadbeefcafe seen", "token <*> seen"),
        ("peer 00:1b:44:aa:bb:b7 gone", "peer <*> gone"),
        ("peer fe80::ab:cd:ef:1 gone", "peer <*> gone"),
        ("open /var/log/app.log: denied", "open <*>: denied"),
        (r"load C:\Windows\cbs.dll", "load <*>"),
        ("call http://shop.example/cart now", "call <*> now"),
        ("call http://10.0.0.1:80/cart now", "call <*> now"),
        ("since Fri Dec 10 19:02:14 EST 2004", "since <*>"),
        ("took 12 ms, used 3.5 MB", "took <*>, used <*>"),
        ("gone after <1 sec, load >90%, n>=5", "gone after <*>, load <*>, n>=<*>"),
        ("<5> boot <13>", "<<*>> boot <<*>>"),
        ("password failed for root from 10.0.0.1", "password failed for <*> from <*>"),
        ("ports 1, 2, 3 and hosts a1 a2", "ports <*> and hosts <*>"),
        ("hosts a1  up, a2 up", "hosts <*> up, <*> up"),
        ("nodes n1 0x1 <ok> n2 0x2 <ok>", "nodes <*> <ok>"),
        ("사용자 12명 접속 실패", "사용자 <*> 접속 실패"),
    ],
)
def test_values_are_known_by_their_form(message: str, expected: str) -> None:
    assert template(message) == expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("lock name=com.shop.Cart uid=7", "lock name=<*> uid=<*>"),
        ('lock tag="Main View"', 'lock tag="<*>"'),
        ('{"user":"bob"}', '{"user":"<*>"}'),
        ("job=import state=done", "job=<*> state=done"),
        ('job=import msg="disk is full"', 'job=<*> msg="disk is full"'),
        ("link=eth mode=down", "link=<*> mode=down"),
        ("health=failed", "health=failed"),
        ("ruser= rhost=a.example", "ruser= rhost=<*>"),
    ],
)
def test_values_of_keys_give_way_unless_they_say_what_happened(message: str, expected: str) -> None:
    assert template(message) == expected


@given(st.text(st.sampled_from("ab<*> ,:=\"'/.[]1"), max_size=60))
def test_masking_ends(message: str) -> None:
    assert len(template(message)) <= 3 * len(message)


@settings(max_examples=300)
@given(st.lists(TEXTS, min_size=1, max_size=MANY))
@example(["\u3000<1"])
def test_many_texts_are_masked_as_one_by_one(messages: list[str]) -> None:
    texts = mask_digits(pa.array(messages * MANY))
    assert mask_all(texts) == [mask(text) for text in texts.to_pylist()]


def test_name_of_a_key_is_looked_for_once() -> None:
    assert mask("ab.-_" * 20_000 + "=") == "ab.-_" * 20_000 + "="
