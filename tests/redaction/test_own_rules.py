from __future__ import annotations

import pytest

from sllm_core.redaction import OwnRule, Redactor
from sllm_core.redaction.own_rules import LONGEST, check_name, check_pattern


def redacted(pattern: str, text: str) -> str:
    return Redactor(rules=[OwnRule("own", pattern)]).redact(text)


def test_what_matches_goes() -> None:
    assert redacted(r"EMP-\d+", "EMP-17 met EMP-18 and EMP-17") == "<own:1> met <own:2> and <own:1>"


def test_only_the_first_group_goes_if_there_is_one() -> None:
    assert redacted(r"(?i)member (?:no|id): (\d+) (\w)", "Member no: 17 x") == "Member no: <own:1> x"


def test_a_group_that_took_no_part_takes_nothing() -> None:
    assert redacted("staff(-[0-9]+)?", "staff staff-17") == "staff staff<own:1>"


def test_brackets_that_are_no_groups() -> None:
    assert redacted(r"\(x\)", "f(x)") == "f<own:1>"


def test_full_width_digits_are_seen_plain() -> None:
    assert redacted(r"EMP-\d+", "사번 ＥＭＰ－１７ 확인") == "사번 <own:1> 확인"


def test_control_characters_and_lone_surrogates_do_no_harm() -> None:
    assert redacted(r"EMP-\d+", "\x02\x03\x04\ud800 EMP-1") == "\x02\x03\x04\ud800 <own:1>"


@pytest.mark.parametrize("pattern", [".+", "[<>]", r"\d", "key"])
def test_no_rule_takes_a_placeholder_apart(pattern: str) -> None:
    redactor = Redactor(rules=[OwnRule("own", pattern)])
    once = redactor.redact("api_key=k7QfZx9Lm2aB4cD8 <")
    assert redactor.redact(once) == once


@pytest.mark.parametrize("name", ["", "Email", "a-b", "1a", "email", "x" * 32])
def test_names_that_no_placeholder_can_bear_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        check_name(name)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [("(?<=a)b", "without lookaround"), ("(", "RE2"), ("a*", "nothing at all"), ("a" * (LONGEST + 1), "at most 1,000")],
)
def test_patterns_that_cannot_be_used_are_refused(pattern: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        check_pattern(pattern)


def test_what_is_catastrophic_elsewhere_is_linear_here() -> None:
    assert redacted("(a+)+$", "a" * 100_000 + "b") == "a" * 100_000 + "b"
