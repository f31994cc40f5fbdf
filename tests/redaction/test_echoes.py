from __future__ import annotations

from sllm_core.redaction import Redactor
from sllm_core.redaction.echoes import MANY


def test_a_secret_goes_wherever_else_it_stands_in_the_text() -> None:
    assert Redactor().redact("tried hunter2 as password=hunter2") == "tried <password:1> as password=<password:1>"


def test_a_word_that_is_a_password_stays_elsewhere() -> None:
    assert Redactor().redact("the orders table, password=orders") == "the orders table, password=<password:1>"


def test_part_of_a_word_is_no_echo() -> None:
    assert Redactor().redact("xhunter2 password=hunter2") == "xhunter2 password=<password:1>"


def test_only_so_many_secrets_are_looked_for() -> None:
    text = " ".join(f"password=hunter{each:03}" for each in range(MANY + 1))
    output = Redactor().redact(f"{text} hunter000 hunter{MANY:03}")
    assert output.endswith(f"<password:1> hunter{MANY:03}")
