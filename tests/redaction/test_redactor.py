from __future__ import annotations

import subprocess
import sys

import pytest

from sllm_core.redaction import KINDS, Redactor
from sllm_core.settings import settings_from

TEXT = "kim@example.com 010-1234-5678 password=hunter2 10.0.0.1"


def test_placeholders_let_secrets_be_told_apart() -> None:
    text = "a@x.kr wrote b@x.kr; a@x.kr again"
    assert Redactor().redact(text) == "<email:1> wrote <email:2>; <email:1> again"


def test_a_redactor_without_a_session_begins_anew_with_each_text() -> None:
    redactor = Redactor()
    assert [redactor.redact(each) for each in ("a@x.kr", "b@x.kr")] == ["<email:1>", "<email:1>"]


def test_a_session_goes_on_numbering() -> None:
    session = Redactor().session()
    assert [session.redact(each) for each in ("a@x.kr", "b@x.kr", "a@x.kr")] == ["<email:1>", "<email:2>", "<email:1>"]
    assert session.counts == {"email": 3}


def test_a_placeholder_in_the_text_cannot_be_mistaken_for_one_that_comes_later() -> None:
    assert Redactor().redact("<email:1> and a@x.kr") == "<email:1> and <email:2>"


@pytest.mark.parametrize("text", ["password=<password:1>hunter2", "password=<hunter2:1>", "password='<key:1> hunter2'"])
def test_a_secret_that_looks_like_a_placeholder_goes(text: str) -> None:
    assert "hunter2" not in Redactor().redact(text)


def test_kinds_may_be_off() -> None:
    assert Redactor(off=["email", "phone"]).redact(TEXT) == TEXT.replace("hunter2", "<password:1>")
    assert Redactor(off=KINDS).redact(TEXT) == TEXT


def test_all_may_be_off() -> None:
    assert Redactor(enabled=False).redact(TEXT) == TEXT


def test_the_configuration_says_what_is_redacted() -> None:
    tables = {
        "off": ["email"],
        "client_addresses": True,
        "allow": ["hunter*"],
        "rules": [{"name": "who", "pattern": "kim"}],
    }
    redactor = Redactor.of(settings_from({"redaction": tables}).redaction)
    assert redactor.redact(TEXT) == "<who:1>@example.com <phone:1> password=hunter2 <address:1>"


def test_the_default_configuration_redacts_all_but_addresses() -> None:
    output = Redactor.of(settings_from({}).redaction).redact(TEXT)
    assert output == "<email:1> <phone:1> password=<password:1> 10.0.0.1"


def test_what_is_invisible_goes_with_the_secret_and_nothing_else() -> None:
    assert (
        Redactor().redact("\u200bpass\u200bword=hun\u200bter2\u200b x") == "\u200bpass\u200bword=<password:1>\u200b x"
    )


def test_it_is_imported_without_heavy_libraries() -> None:
    program = (
        "import sys, sllm_core.redaction; print([e for e in ('numpy', 'pyarrow', 'pydantic') if e in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"
