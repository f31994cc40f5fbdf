from __future__ import annotations

import unicodedata

import pytest

from sllm_core.redaction.key_names import demand_of

OTHERS = """password_expired passwordPolicy token_count max_tokens_per_call next_page_token key cache_key primary_key
compass passenger bypass author keyboard authority session_timeout signature_version secretName tokenizer PASSWORD_FILE
X-Amz-Credential 키보드 비밀번호오류"""


def kind_of(name: str) -> str | None:
    demand = demand_of(name)
    return demand.kind if demand else None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("password", "password"),
        ("db.password", "password"),
        ("DB_PASSWORD_PROD", "password"),
        ("newPassword2", "password"),
        ("rootpwd", "password"),
        ("비밀번호", "password"),
        ("비밀번호확인", "password"),
        ("otp", "password"),
        ("X-Api-Key", "key"),
        ("clientSecret", "key"),
        ("aws_secret_access_key", "key"),
        ("인증키", "key"),
        ("refreshToken", "token"),
        ("githubtoken", "token"),
        ("JSESSIONID", "cookie"),
    ],
)
def test_names_of_secrets(name: str, kind: str) -> None:
    assert kind_of(name) == kind


@pytest.mark.parametrize("name", OTHERS.split())
def test_other_names(name: str) -> None:
    assert kind_of(name) is None


def test_korean_names_may_be_decomposed() -> None:
    assert kind_of(unicodedata.normalize("NFD", "비밀번호")) == "password"


def test_only_the_end_of_a_long_name_counts() -> None:
    assert kind_of("x" * 10_000 + "_password") == "password"
