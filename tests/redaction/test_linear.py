"""Time is linear in the length: four times the text takes four times the calls, of whatever the text is made.

What happens within an expression cannot be counted; so the texts are long enough that one that is not linear would
be noticed by everyone who waits for it (100,000 letters in square are some minutes).
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from sllm_core.redaction import Redactor

UNITS = [
    *(
        "a",
        "=",
        '"',
        "'",
        "\\",
        '\\"',
        "0",
        "1 ",
        "@",
        "a@",
        "a.",
        ":",
        "<",
        "<a ",
        "[",
        "%40",
        "\u200b",
        "\\u",
        "\n",
        "\t",
    ),
    *(
        "-----BEGIN ",
        f"{'-' * 5}BEGIN PRIVATE KEY{'-' * 5}",
        "PRIVATE KEY",
        "eyJ",
        "_eyJ",
        "AKIA",
        "4111-",
        "1:",
        "010-",
        "+1",
    ),
    *("password=", "password='", "password=''", "비밀번호=", "token%3D", "token%3Da%26", "pin=", "pin=pin", "key: {"),
    *(
        "://",
        "://a:",
        "://a:b@",
        "a:b@",
        "Authorization: ",
        "Bearer ",
        "Cookie: a=b;",
        "cookie=a;",
        "mysql ",
        "secret ",
    ),
    *(
        "--password ",
        "name=password value=",
        "insert (password) values (",
        "('password', ",
        "LOGIN a ",
        "$1$a$",
        "<password:1>",
    ),
]


def calls(function: Callable[[], object]) -> int:
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(counted)
    try:
        function()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("unit", UNITS)
def test_four_times_the_text_takes_four_times_the_calls(unit: str) -> None:
    redactor = Redactor(client_addresses=True)
    redactor.redact(unit * 9)
    short, long = (unit * (size // len(unit)) for size in (2000, 8000))
    assert calls(lambda: redactor.redact(long)) <= 4.5 * calls(lambda: redactor.redact(short)) + 200


@pytest.mark.parametrize("unit", UNITS)
def test_a_long_line_is_no_matter(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    assert Redactor(client_addresses=True).redact(f"{text}\nthe end").endswith("\nthe end")
