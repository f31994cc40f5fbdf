from __future__ import annotations

import pytest

from sllm_core.redaction import Redactor


@pytest.mark.parametrize(
    ("text", "password"),
    [
        ("postgres://app:hunter2@db/x", "hunter2"),
        ("redis://:p@ss@cache:6379/0", "p@ss"),
        ("http://kim:p%40ss@proxy:3128", "p%40ss"),
        ("http://kim:pa/ss#x@proxy:3128", "pa/ss#x"),
        ("https://a:one11@x, https://b:one11@y", "one11"),
        ("u=https%3A%2F%2Fkim%3Aenc0ded%40host.example%2F", "enc0ded"),
        ("app:hunter2@tcp(db:3306)/x", "hunter2"),
        ("jdbc:oracle:thin:scott/tiger9@//ora/x", "tiger9"),
        ("proxy admin:s3cret@10.0.0.5:3128", "s3cret"),
    ],
)
def test_the_password_of_an_address_goes(text: str, password: str) -> None:
    assert Redactor().redact(text) == text.replace(password, "<password:1>")


def test_a_token_in_the_place_of_a_user_goes() -> None:
    assert Redactor().redact("https://0123456789abcdef0123456789abcdef@sentry/1") == "https://<token:1>@sentry/1"


@pytest.mark.parametrize(
    "text",
    [
        "http://localhost:3000/@vite/client",
        "https://medium.example/@kim/post",
        "http://[::1]:8080/@kim",
        "ssh://git@host.example/x",
        "postgres://app:${DB_PASSWORD}@db/x",
        "postgres://app:****@db/x",
        "[LeaseRenewer:msrabi@msra-sa-41:9000]",
        "sip:100@10.0.0.5:5060",
    ],
)
def test_other_addresses_stay(text: str) -> None:
    assert Redactor().redact(text) == text
