from __future__ import annotations

import pytest

from sllm_core.redaction import Redactor


@pytest.mark.parametrize(
    "address",
    [
        "kim@example.com",
        "kim.c-s+x@sub.example.co.kr",
        "o'brien@example.ie",
        "kim%40example.com",
        "user@회사.한국",
        "a@xn--example-9ua.com",
        "kim＠example.com",
        "k\u200bim@example.com",
        "x" * 200 + "@example.com",
    ],
)
@pytest.mark.parametrize("place", ["to=<{}>, relay", "'{}'", "mailto:{}", "{}", "({})", "/users/{}/orders"])
def test_an_address_goes_wherever_it_stands(address: str, place: str) -> None:
    assert Redactor().redact(place.format(address)) == place.format("<email:1>")


def test_korean_words_may_stand_beside_it_without_a_space() -> None:
    assert Redactor().redact("메일은kim@example.com으로") == "메일은<email:1>으로"


def test_the_user_of_a_url_may_be_one() -> None:
    output = Redactor().redact("ftp://kim@example.com:hunter2@host.example.com/")
    assert "hunter2" not in output and "kim@" not in output


@pytest.mark.parametrize(
    "text",
    [
        "user@1000.service",
        "getty@tty1.service",
        "git@github.com:acme/shop.git",
        "java.lang.Object@1a2b3c",
        "icon@2x.png",
        "react@18.2.0",
        "image@sha256:0123",
        "root@10.0.0.1",
        "root@web01:~$",
        "aes256-gcm@openssh.com",
        "message-id=<20240302101112.ABC@mail.example.com>",
        "@app.route('/x')",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert Redactor().redact(text) == text
