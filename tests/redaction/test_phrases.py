from __future__ import annotations

import pytest

from sllm_core.redaction import Redactor


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("mysql -uroot -phunter2 shop", "hunter2"),
        ("mysql -u root -p'two words' shop", "two words"),
        ("sshpass -p hunter2 ssh host", "hunter2"),
        ("curl -u kim:hunter2 http://x", "hunter2"),
        ("docker login -u ci -p hunter2 x", "hunter2"),
        ("run --password hunter2 --user kim", "hunter2"),
        ('run --password "two words" x', "two words"),
        ("['run', '--password', 'hunter2']", "hunter2"),
        ("CREATE USER x IDENTIFIED BY 'hunter2'", "hunter2"),
        ("ALTER ROLE x PASSWORD 'hunter2'", "hunter2"),
        ("USER kim, PASS hunter2", "hunter2"),
        ("the password is hunter2", "hunter2"),
        ("비밀번호를 hunter2 로 변경", "hunter2"),
        ("인증번호 [482913] 입력", "482913"),
        ("one-time code 482913", "482913"),
        ("username kim password 7 094F471A1A0A", "094F471A1A0A"),
    ],
)
def test_what_follows_the_words_goes(text: str, secret: str) -> None:
    assert Redactor().redact(text) == text.replace(secret, "<password:1>")


@pytest.mark.parametrize(
    "text",
    [
        "mysql -u root -p shop",
        "mysql -h db -P 3306",
        "ssh -p 2222 kim@host",
        "curl -w '%{http_code}' http://x",
        "run --password-stdin --token-file /run/token",
        "run --key-size 4096",
        "PASS src/orders.test.js",
        "password of kim expires in 5 days",
        "Failed password for root from 10.0.0.1 port 22",
        "비밀번호 오류 5회",
        "비밀번호는 8자 이상",
        "인증번호 6자리를 입력하세요",
    ],
)
def test_other_words_stay(text: str) -> None:
    assert Redactor().redact(text) == text


def test_the_word_behind_the_option_p_of_mysql_names_a_database() -> None:
    assert Redactor().redact("mysql -u root -p shop2") == "mysql -u root -p shop2"
