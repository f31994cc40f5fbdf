from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from sllm_core.models import UnfitSchema
from sllm_core.models.schema import check_schema, find_mistake

NUMBERS = st.integers(-3, 3)
SIZES = st.integers(1, 3)
CHOICES = st.lists(st.sampled_from("abc"), min_size=1, unique=True)
CHOICE = st.builds(lambda each: {"type": "string", "enum": each}, CHOICES) | st.builds(
    lambda each: {"const": each}, st.sampled_from("abc")
)
TEXT = st.builds(
    lambda low, more: {"type": "string", "minLength": low, "maxLength": low + more}, NUMBERS.map(abs), SIZES
)
INTEGER = st.builds(lambda low, more: {"type": "integer", "minimum": low, "maximum": low + more}, NUMBERS, SIZES)
LIST = st.builds(lambda items, most: {"type": "array", "items": items, "maxItems": most}, CHOICE | TEXT, SIZES)
RULES = CHOICE | TEXT | INTEGER | LIST | st.just({"type": "boolean"})
SCALARS = st.none() | st.booleans() | NUMBERS | st.text("abc", max_size=4) | st.floats(-2, 2).filter(lambda x: x % 1)
VALUES = st.dictionaries(st.sampled_from("xyz"), SCALARS | st.lists(SCALARS, max_size=4), max_size=3)


def flat(**properties: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


@given(st.dictionaries(st.sampled_from("xyz"), RULES, min_size=1), VALUES)
def test_values_obey_where_the_standard_says_so(rules: dict[str, Any], values: dict[str, Any]) -> None:
    check_schema(flat(**rules), "test")
    wrong = find_mistake(values, flat(**rules), "en")
    assert (wrong is None) == Draft202012Validator(flat(**rules)).is_valid(values), wrong


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"type": "number"}, "x: must be one of choice, string, integer, boolean, array"),
        ({"type": "object"}, "x: must be one of"),
        ({"anyOf": []}, "x: must be one of"),
        ({"type": "string"}, "x: needs maxLength from 1 to 2000"),
        ({"type": "string", "maxLength": 2001}, "x: needs maxLength from 1 to 2000"),
        ({"type": "string", "maxLength": 9, "minLength": 10}, "x: minLength is more than maxLength"),
        ({"type": "string", "maxLength": True}, "x: maxLength must be a whole number"),
        ({"type": "string", "maxLength": 9, "pattern": "a"}, "x: 'pattern' is not supported"),
        ({"type": "integer", "minimum": 0.5}, "x: minimum must be a whole number"),
        ({"enum": []}, "x: enum must be a list of different strings"),
        ({"enum": ["a", 1]}, "x: enum must be a list of different strings"),
        ({"const": 1}, "x: enum must be a list of different strings, const a string"),
        ({"type": "array", "items": {"enum": ["a"]}}, "x: needs maxItems from 1 to 2000"),
        ({"type": "array", "maxItems": 3}, r"x\[\]: must be one of choice, string \("),
        ({"type": "array", "maxItems": 3, "items": {"type": "array"}}, r"x\[\]: must be one of choice, string \("),
    ],
)
def test_a_rule_that_servers_do_not_keep_or_bear_is_refused(rule: dict[str, Any], told: str) -> None:
    with pytest.raises(UnfitSchema, match=f"^the schema of the task 'test': {told}"):
        check_schema(flat(x=rule), "test")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"type": "array"}, 'it must have "type": "object"'),
        ({"properties": {}}, 'it must have "type": "object" and at least one of "properties"'),
        ({"required": []}, 'all of "properties" must be "required"'),
        ({"additionalProperties": True}, 'it needs "additionalProperties": false'),
        ({"$defs": {}}, "it: '\\$defs' is not supported"),
    ],
)
def test_an_object_that_is_not_flat_and_closed_is_refused(change: dict[str, Any], told: str) -> None:
    with pytest.raises(UnfitSchema, match=told):
        check_schema(flat(x={"enum": ["a"]}) | change, "test")


def test_titles_and_descriptions_are_allowed() -> None:
    check_schema(flat(x={"enum": ["a"], "title": "X", "description": "which"}) | {"title": "T"}, "test")


@pytest.mark.parametrize(
    ("values", "english", "korean"),
    [
        ({}, "x is missing", "x 항목이 없습니다"),
        ({"x": [], "y": 1, "z": 1}, "it had a property that was not asked for", "요청하지 않은 항목이 있습니다"),
        ({"x": ["b", "?"], "y": 1}, "x[1] must be one of: a, b", "x[1] 값은 다음 중 하나여야 합니다: a, b"),
        ({"x": [], "y": 9}, "y must be a whole number from 1 to ∞", "y 값은 1부터 ∞까지의 정수여야 합니다"),
    ],
)
def test_what_is_wrong_is_told_without_repeating_it(values: dict[str, Any], english: str, korean: str) -> None:
    rules = flat(x={"type": "array", "items": {"enum": ["a", "b"]}, "maxItems": 3}, y={"type": "integer", "minimum": 1})
    values = {**values, **({"y": 0} if values.get("y") == 9 else {})}
    assert [find_mistake(values, rules, language) for language in ("en", "ko")] == [english, korean]


@pytest.mark.parametrize("value", [True, 1.0, "1", None])
def test_a_whole_number_is_nothing_that_only_counts_as_one(value: object) -> None:
    rules = flat(x={"type": "integer", "minimum": 0, "maximum": 1})
    assert find_mistake({"x": value}, rules, "en") == "x must be a whole number from 0 to 1"
