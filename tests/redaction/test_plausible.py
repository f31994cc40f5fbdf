from __future__ import annotations

import pytest

from sllm_core.redaction.key_names import Demand, Rule
from sllm_core.redaction.plausible import is_secret

NOTHING = """null **** xxxx ${DB_PASSWORD} $1 %s {} {{.Values.pw}} [FILTERED] <redacted> ? :password incorrect required
expired is must ... %(password)s #{password} (null) :"""
THINGS = """EOF identifier -9223372036854775808 42 orders-tls my-secret-2024 /etc/ssl/api.key ~/.ssh/id_rsa server.pem
TokenService aes256-gcm sha256 SOME_CONSTANT AppWindowToken{9f4ef63 arn:aws:kms:x"""


def judged(value: str, rule: Rule = "any", kind: str = "password", quoted: bool = False, spoken: bool = False) -> bool:
    return is_secret(value, Demand(kind, rule), quoted=quoted, spoken=spoken)


@pytest.mark.parametrize("value", ["hunter2", "letmein", "p@ss", "1234", "correct horse battery", "*secret*"])
def test_any_value_is_a_password(value: str) -> None:
    assert judged(value, quoted=" " in value)


@pytest.mark.parametrize("value", NOTHING.split())
def test_what_stands_for_nothing_is_none(value: str) -> None:
    assert not judged(value)


@pytest.mark.parametrize("value", ["must not be blank", "일치하지 않습니다", "최소 8자 이상"])
def test_sentences_are_none(value: str) -> None:
    assert not judged(value, quoted=True)


def test_a_word_that_is_said_is_none() -> None:
    assert not judged("mismatching", spoken=True)
    assert judged("mismatching")


@pytest.mark.parametrize("value", ["a1b2c3d4", "k7QfZx9Lm2", "8f14e45fceea167a"])
def test_random_values_are_tokens(value: str) -> None:
    assert judged(value, "weak", "token") and judged(value, "mixed", "token")


@pytest.mark.parametrize("value", THINGS.split())
def test_names_paths_numbers_and_things_are_no_tokens(value: str) -> None:
    assert not judged(value, "weak", "token") and not judged(value, "mixed", "key")


def test_what_identifies_opens_no_door() -> None:
    assert not judged("550e8400-e29b-41d4-a716-446655440000", "long", "cookie")
    assert not judged("0x14f05578bd80006", "long", "cookie")


@pytest.mark.parametrize(("value", "code"), [("1234", True), ("482 913", True), ("12", False), ("abc1", False)])
def test_codes_have_a_few_digits(value: str, code: bool) -> None:
    assert judged(value, "digits") == code


@pytest.mark.parametrize(
    ("value", "dense"),
    [("k7QfZx9Lm2aB4cD8eF1g", True), ("8f14e45fceea167a5a36dedd4bea2543", False), ("OrdersServiceImpl2Handler", False)],
)
def test_random_bytes_are_dense(value: str, dense: bool) -> None:
    assert judged(value, "dense", "key") == dense
