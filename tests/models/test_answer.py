from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.models.answer import parse_object
from sllm_core.models.language_model import Prompt
from sllm_core.models.mistakes import LONGEST, repaired

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()


@given(st.dictionaries(st.text(), SCALARS | st.lists(SCALARS)), st.booleans())
def test_json_is_read_as_it_was_meant(values: dict[str, object], ascii_only: bool) -> None:
    assert parse_object(f"\n {json.dumps(values, ensure_ascii=ascii_only)} ") == values


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"a": 1',
        '{"a": 1} and more',
        '{"a": 1}{"a": 1}',
        '```json\n{"a": 1}\n```',
        '{"a": 1, "a": 1}',
        '{"b": {"a": 1, "a": 2}}',
        '{"a": NaN}',
        '{"a": -Infinity}',
        "{'a': 1}",
        '{"a": 1,}',
        '["a"]',
        "1",
        '{"a": "\n"}',
        '{"a": "\\ud800"}',
        '{"a": ' + "1" * 5000 + "}",
        '{"a": ' + "[" * 100_000 + "}",
    ],
)
def test_whatever_else_is_no_answer(text: str) -> None:
    assert parse_object(text) is None


@given(st.text())
def test_what_was_wrong_is_told_in_one_short_line(mistake: str) -> None:
    prompt = Prompt("judge", "1", "en", "system", "user", {})
    added = repaired(prompt, mistake).user.removeprefix("user\n\n")
    assert added.isprintable() and len(added) < LONGEST + 200
