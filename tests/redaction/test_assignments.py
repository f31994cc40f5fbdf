from __future__ import annotations

import pytest

from sllm_core.redaction import Redactor


@pytest.mark.parametrize(
    "text",
    [
        "password=hunter2",
        "password : hunter2",
        "password => 'hunter2'",
        '"password":"hunter2"',
        r"\"password\":\"hunter2\"",
        r"\\\"password\\\": \\\"hunter2\\\"",
        "params[password]=hunter2&x=1",
        "password%3Dhunter2%26x",
        "<password>hunter2</password>",
        '<entry key="db.password">hunter2</entry>',
        "name: DB_PASSWORD, value: hunter2",
        '"password":["hunter2"]',
        "password =\n    hunter2",
        "비밀번호(pw): hunter2",
        "user=kim pass=hunter",
        "비밀번호".encode().decode() + "=hunter2",
    ],
)
def test_a_value_by_its_name(text: str) -> None:
    secret = "hunter2" if "hunter2" in text else "hunter"
    assert Redactor().redact(text) == text.replace(secret, "<password:1>")


@pytest.mark.parametrize(
    "text",
    [
        "PWD=/srv/app OLDPWD=/home/kim",
        "/etc/passwd: 31 entries",
        "app.auth:check_password:42 - rejected",
        "def check(user, password): line 17",
        "unexpected token: 'Identifier1' in line 3",
        "token: 'Identifier1' expected",
        "second pass: constfold1 ran",
        "test_pass=12 fail=3",
        "?key=orders&code=404",
    ],
)
def test_what_only_looks_like_it(text: str) -> None:
    assert Redactor().redact(text) == text


def test_a_vague_name_goes_by_the_word_before_it() -> None:
    assert Redactor().redact("API key: k7QfZx9Lm2") == "API key: <key:1>"
    assert Redactor().redact("sort key: k7QfZx9Lm2") == "sort key: k7QfZx9Lm2"


def test_all_words_of_a_mnemonic_go() -> None:
    assert Redactor().redact("seed phrase: apple zoo river stone in=1") == "seed phrase: <password:1> in=1"


def test_a_value_of_any_length_goes_to_its_end() -> None:
    assert Redactor().redact(f"password={'aB3$' * 5000} next") == "password=<password:1> next"


def test_a_name_that_is_the_user_of_a_url_is_none() -> None:
    text = "https://gitlab-ci-token:k7QfZx9Lm2@git.example.com/a.git"
    assert Redactor().redact(text) == text.replace("k7QfZx9Lm2", "<password:1>")
