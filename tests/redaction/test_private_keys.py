from __future__ import annotations

import random

import pytest

from drawn_values import VALUES
from sllm_core.redaction import Redactor

BODY = "MIIEpAIBAAKCAQEA" + "k7QfZx9Lm2aB4cD8" * 3


def begin(kind: str = "") -> str:
    return f"{'-' * 5}BEGIN {kind}PRIVATE KEY{'-' * 5}"


def end(kind: str = "") -> str:
    return begin(kind).replace("BEGIN", "END")


@pytest.mark.parametrize("name", ["pem", "pem_rsa", "pem_escaped", "pem_cut", "pem_ssh", "pem_pgp"])
def test_a_key_is_one_secret(name: str) -> None:
    key = VALUES[name](random.Random(1))
    assert Redactor().redact(f"before {key}\nafter it") == "before <key:1>\nafter it"


def test_an_encrypted_key_has_headers() -> None:
    key = f"{begin('RSA ')}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A1B\n\n{BODY}\n"
    assert Redactor().redact(key) == "<key:1>\n"


def test_words_before_an_end_without_begin_go() -> None:
    assert Redactor().redact(f"{BODY}\n{BODY}\n{end()}") == f"<key:1>\n<key:1>\n{end()}"


def test_a_key_goes_on_in_the_texts_that_follow() -> None:
    session = Redactor().session()
    texts = [begin(), "", BODY, f"app-1 | {BODY}", "aB3=", end(), BODY]
    assert [session.redact(each) for each in texts] == [
        *("<key:1>", "", "<key:2>", "app-1 | <key:2>", "<key:3>"),
        *(end(), BODY),
    ]


def test_a_key_that_does_not_go_on_has_ended() -> None:
    session = Redactor().session()
    assert [session.redact(each) for each in (begin(), "an ordinary line", BODY)][1:] == ["an ordinary line", BODY]


def test_certificates_and_public_keys_stay() -> None:
    text = f"{'-' * 5}BEGIN CERTIFICATE{'-' * 5}\n{BODY}\n{'-' * 5}END CERTIFICATE{'-' * 5}"
    assert Redactor().redact(text) == text
