"""Laws that hold for every text."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from drawn_values import VALUES
from secret_examples import harmless, secrets
from sllm_core.redaction import Redactor

TEXTS = [each.text for each in secrets()] + harmless(1)
SIGNS = [
    "=",
    ":",
    " ",
    '"',
    "\\",
    "<",
    ">",
    "<password:1>",
    "\n",
    "@",
    "//",
    "password",
    "token ",
    "\u200b",
    "&",
    "%40",
]
PIECES = st.tuples(st.sampled_from(TEXTS), st.integers(0, 120), st.integers(0, 120)).map(
    lambda p: p[0][p[1] : p[1] + p[2]]
)
MIXED = st.lists(st.one_of(PIECES, st.sampled_from(SIGNS), st.text(max_size=5)), max_size=8).map("".join)

WORD = st.text(st.characters(codec="ascii", categories=["Ll", "Lu", "Nd"]), min_size=4, max_size=30)
PLACES = ["password={}", '{{"password":"{}"}}', "PASSWORD='{}'", "postgres://app:{}@db/x", "비밀번호: {}"]
HARMLESS = st.one_of(
    st.uuids().map(str),
    st.binary(min_size=20, max_size=20).map(bytes.hex),
    st.binary(min_size=32, max_size=32).map(bytes.hex),
    st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)).map(lambda t: t.replace(tzinfo=UTC).isoformat()),
    st.lists(st.integers(0, 999), min_size=3, max_size=3).map(lambda v: ".".join(map(str, v))),
    st.ip_addresses().map(str),
    st.integers(10**18, 2**63).map(lambda n: f"blk_-{n}"),
    st.integers(0, 65535).map(lambda n: f"app-1:{n}"),
    st.floats(0, 1e6).map(lambda n: f"{n:.2f}ms"),
    st.integers(0, 10**9).map(lambda n: f"pid={n}"),
)


@given(MIXED)
def test_redacting_a_redacted_text_changes_nothing(text: str) -> None:
    redactor = Redactor()
    once = redactor.redact(text)
    assert redactor.redact(once) == once


@given(MIXED)
def test_a_session_leaves_what_it_has_redacted(text: str) -> None:
    session = Redactor().session()
    once = session.redact(text)
    assert session.redact(once) == once


@given(WORD.filter(lambda word: any(map(str.isdigit, word)) and not word.isdigit()), st.sampled_from(PLACES))
def test_a_password_never_comes_out(word: str, place: str) -> None:
    assert Redactor().redact(place.format(word)) == place.format("<password:1>")


@given(st.sampled_from(sorted(VALUES)), st.randoms(use_true_random=False), MIXED)
def test_the_same_secret_has_one_placeholder_in_a_session(name: str, rng: random.Random, text: str) -> None:
    session, secret = Redactor().session(), f"password='{VALUES[name](rng)}'"
    first = session.redact(secret)
    session.redact(text)
    assert session.redact(secret) == first


@given(st.lists(HARMLESS, min_size=1, max_size=8))
@settings(max_examples=300)
def test_identifiers_hashes_times_and_addresses_stay(words: list[str]) -> None:
    text = " ".join(words)
    assert Redactor().redact(text) == text


@given(st.text())
def test_any_text_can_be_redacted(text: str) -> None:
    assert isinstance(Redactor(client_addresses=True).redact(text), str)
