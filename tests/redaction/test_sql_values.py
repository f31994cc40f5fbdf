from __future__ import annotations

import pytest

from sllm_core.redaction import Redactor


def test_the_columns_say_which_values_are_secrets() -> None:
    text = "INSERT INTO users (id, `password`, name) VALUES (1, 'it''s, x', 'kim'), (2, N'b2', 'lee')"
    assert Redactor().redact(text) == text.replace("it''s, x", "<password:1>").replace("b2", "<password:2>")


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO users (id, name) VALUES (1, 'kim')",
        "INSERT INTO users (name, password) VALUES (?, ?)",
        "INSERT INTO users (name, password) VALUES ($1, NULL)",
        "INSERT INTO users (password) VALUES (",
    ],
)
def test_other_statements_stay(text: str) -> None:
    assert Redactor().redact(text) == text
