from __future__ import annotations

import pytest

from sllm_core.redaction import Redactor

TOKEN = "k7QfZx9Lm2aB4cD8eF1g"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"Authorization: Bearer {TOKEN}", "token"),
        (f"authorization=bearer%20{TOKEN}", "token"),
        (f'{{"Authorization":"Bearer {TOKEN}"}}', "token"),
        (f"Authorization=[Bearer {TOKEN}]", "token"),
        (f"('Authorization', 'Bearer {TOKEN}')", "token"),
        (f"Authorization: {TOKEN}", "token"),
        (f"Authorization: ApiKey {TOKEN}", "key"),
        (f'Authorization: Digest username="kim", response="{TOKEN}"', "key"),
        (f"seen 'Bearer {TOKEN}'", "token"),
        (f"Cookie: theme=dark; sid={TOKEN}; lang=ko", "cookie"),
        (f"Set-Cookie: a={TOKEN}; Path=/; HttpOnly", "cookie"),
        (f"set-cookie: ['a={TOKEN}; Path=/']", "cookie"),
        (f"Cookie: {TOKEN}", "cookie"),
    ],
)
def test_what_authorises_goes(text: str, kind: str) -> None:
    assert Redactor().redact(text) == text.replace(TOKEN, f"<{kind}:1>")


def test_basic_is_a_login_in_base64() -> None:
    assert Redactor().redact("got Basic a2ltOmh1bnRlcjI=") == "got Basic <password:1>"
    assert Redactor().redact("got basic authentication") == "got basic authentication"


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: required",
        "Authorization header missing",
        "Bearer token missing",
        'WWW-Authenticate: Bearer realm="api", error="invalid_token"',
        "Bearer authentication required",
        "cookie header too large: 8192 bytes",
        "Basic Constraints CA:TRUE",
    ],
)
def test_words_about_headers_stay(text: str) -> None:
    assert Redactor().redact(text) == text
