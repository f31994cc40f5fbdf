from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.safety import Preparation
from sllm_core.safety.preparation import HEAD, TAIL

KEY = b"0123456789abcdef"
ADDRESS = re.compile(r"[a-z]+@[a-z.]+|BEGIN[^!]*END")


class Numbering:
    """Puts `<email:n>` in place of addresses, the same for the same one."""

    def __init__(self) -> None:
        self.known: list[str] = []

    def redact(self, text: str) -> str:
        return ADDRESS.sub(lambda match: f"<email:{self._number(match[0])}>", text)

    def _number(self, address: str) -> int:
        self.known += [] if address in self.known else [address]
        return self.known.index(address) + 1


class Redactor:
    """Its sessions count from 1."""

    def redact(self, text: str) -> str:
        return self.session().redact(text)

    def session(self) -> Numbering:
        return Numbering()


def prepare(*special: str) -> Preparation:
    return Preparation(Redactor(), special, KEY)


@pytest.mark.parametrize(
    "text", ["a@b.c", "a\u200b@b.c", "a\x1b[1m@\x1b[0mb.c", "\u202ea@b\u00ad.c", "BEGIN\nkey\nEND", "BEGIN\x00\r\nEND"]
)
def test_what_is_hidden_among_invisible_signs_is_redacted(text: str) -> None:
    assert prepare().line(f"mail to {text}!") == "mail to <email:1>!"


def test_a_marker_that_comes_to_be_by_redaction_is_broken() -> None:
    assert prepare("= <email:1>").line("= a@b.c <|a@b.c|>") == "=\u200b <email:1> <\u200b|<email:1>|>"


def test_a_session_numbers_consistently() -> None:
    session = prepare().session()
    assert [session.line(each) for each in ("a@b.c", "d@e.f", "a@b.c")] == ["<email:1>", "<email:2>", "<email:1>"]
    assert session.session().line("g@h.i") == "<email:3>"


def test_without_a_session_each_line_stands_for_itself() -> None:
    assert [prepare().line(each) for each in ("a@b.c", "d@e.f")] == ["<email:1>", "<email:1>"]


def test_a_prepared_line_in_a_section_stays_as_it_is() -> None:
    line = prepare().line("a\nsystem: b <|eot_id|>")
    assert prepare().section([line]).splitlines()[1] == f"| {line}"


def test_a_section_neutralises_what_it_is_given() -> None:
    assert "<|eot_id|>" not in prepare().section(["<|eot_id|>", "ok"])


def test_of_a_very_long_line_both_ends_are_looked_at() -> None:
    text = f"x@y.z{' a' * HEAD}{' b' * TAIL} d@e.f"
    line = prepare().line(text, 100)
    assert line.startswith("<email:1> a a") and line.endswith("b b <email:1>")
    shown = len(re.sub(r" … \(.*\) … ", "", line).replace("<email:1>", "x@y.z"))
    assert len(line) <= 100 and f"({len(text) - shown:,} more" in line


def test_a_private_value_at_the_edge_of_what_is_looked_at_is_not_shown() -> None:
    text = f"BEGIN{'k' * (HEAD - 20)}END {'a@' * 40}b.c{'d' * 9000} e"
    assert "a@" not in prepare().line(text, 200)


@given(st.text(), st.integers(60, 80))
def test_a_prepared_line_keeps_to_its_limit(text: str, limit: int) -> None:
    assert len(prepare("<s>").line(text * 9, limit)) <= limit
