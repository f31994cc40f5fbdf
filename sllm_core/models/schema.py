"""Schemas that every server obeys, and whether values obey them.

A flat object: choices of strings, whole numbers, booleans, texts of limited length, and lists of choices or texts.
What a grammar does not enforce, or what has been seen to end a server, is no part of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from sllm_core.models.errors import UnfitSchema
from sllm_core.models.mistakes import told

LONGEST = 2000
"""How long a text, and a list, may be: the grammar of longer ones ends llama.cpp."""

NOTES = frozenset({"title", "description"})
KEYS = MappingProxyType(
    {
        "object": frozenset({"type", "properties", "required", "additionalProperties"}),
        "choice": frozenset({"type", "enum", "const"}),
        "integer": frozenset({"type", "minimum", "maximum"}),
        "boolean": frozenset({"type"}),
        "string": frozenset({"type", "minLength", "maxLength"}),
        "array": frozenset({"type", "items", "minItems", "maxItems"}),
    }
)


def check_schema(schema: Mapping[str, Any], task: str) -> None:
    """See that a schema is one that every server obeys.

    Raises:
        UnfitSchema: it is not; the text says where, and what is asked for.
    """
    for wrong in _faults(schema):
        raise UnfitSchema(f"the schema of the task {task!r}: {wrong}")


def _faults(schema: Mapping[str, Any]) -> Iterator[str]:
    properties = schema.get("properties")
    if schema.get("type") != "object" or not isinstance(properties, Mapping) or not properties:
        yield 'it must have "type": "object" and at least one of "properties"'
        return
    yield from _unknown("it", schema, "object")
    required = schema.get("required")
    if not isinstance(required, list | tuple) or set(required) != set(properties):
        yield 'all of "properties" must be "required"'
    if schema.get("additionalProperties") is not False:
        yield 'it needs "additionalProperties": false'
    for name, rule in properties.items():
        yield from _rule_faults(name, rule, listed=False)


def _rule_faults(name: str, rule: object, *, listed: bool) -> Iterator[str]:
    kind = _kind(rule)
    allowed = ("choice", "string") if listed else ("choice", "string", "integer", "boolean", "array")
    if not isinstance(rule, Mapping) or kind is None or kind not in allowed:
        yield f"{name}: must be one of {', '.join(allowed)} (a choice has enum or const)"
        return
    yield from _unknown(name, rule, kind)
    yield from _bound_faults(name, rule, kind)
    if kind == "choice" and not _are_choices(rule):
        yield f"{name}: enum must be a list of different strings, const a string"
    if kind == "array":
        yield from _rule_faults(f"{name}[]", rule.get("items"), listed=True)


def _unknown(name: str, rule: Mapping[str, Any], kind: str) -> Iterator[str]:
    yield from (f"{name}: {each!r} is not supported" for each in sorted(rule.keys() - KEYS[kind] - NOTES))


def _bound_faults(name: str, rule: Mapping[str, Any], kind: str) -> Iterator[str]:
    for each in ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"):
        if each in rule and (not isinstance(rule[each], int) or isinstance(rule[each], bool)):
            yield f"{name}: {each} must be a whole number"
            return
    for each, limited in (("maxLength", "string"), ("maxItems", "array")):
        if kind == limited and not 0 < rule.get(each, 0) <= LONGEST:
            yield f"{name}: needs {each} from 1 to {LONGEST}"
    for low, high in (("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems")):
        if low in rule and high in rule and rule[low] > rule[high]:
            yield f"{name}: {low} is more than {high}"


def _are_choices(rule: Mapping[str, Any]) -> bool:
    if rule.get("type", "string") != "string" or ("enum" in rule and "const" in rule):
        return False
    choices = rule["enum"] if "enum" in rule else [rule["const"]]
    strings = isinstance(choices, list | tuple) and all(isinstance(each, str) for each in choices)
    return strings and 0 < len(set(choices)) == len(choices)


def _kind(rule: object) -> str | None:
    if not isinstance(rule, Mapping):
        return None
    kind = "choice" if "enum" in rule or "const" in rule else rule.get("type")
    return kind if isinstance(kind, str) and kind in KEYS else None


def find_mistake(values: Mapping[str, Any], schema: Mapping[str, Any], language: str) -> str | None:
    """What of the values does not obey a schema that `check_schema` accepts, in a language; None: all do.

    What the model wrote is not repeated.
    """
    properties: Mapping[str, Mapping[str, Any]] = schema["properties"]
    missing = next((name for name in properties if name not in values), None)
    if missing is not None:
        return told("missing", language, name=missing)
    if values.keys() - properties.keys():
        return told("unknown", language)
    wrong = (_mistake(name, rule, values[name], language) for name, rule in properties.items())
    return next((each for each in wrong if each is not None), None)


def _mistake(name: str, rule: Mapping[str, Any], value: object, language: str) -> str | None:
    kind = _kind(rule)
    if kind == "array":
        items = value if isinstance(value, list) else []
        low, high = rule.get("minItems", 0), rule["maxItems"]
        if not isinstance(value, list) or not low <= len(value) <= high:
            return told("array", language, name=name, low=low, high=high)
        wrong = (_mistake(f"{name}[{place}]", rule["items"], each, language) for place, each in enumerate(items))
        return next((each for each in wrong if each is not None), None)
    return None if _obeys(kind, rule, value) else told(str(kind), language, name=name, **_asked(kind, rule))


def _obeys(kind: str | None, rule: Mapping[str, Any], value: object) -> bool:
    if kind == "choice":
        return isinstance(value, str) and value in _choices(rule)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "integer":
        whole = isinstance(value, int) and not isinstance(value, bool)
        return whole and rule.get("minimum", value) <= value <= rule.get("maximum", value)
    return isinstance(value, str) and rule.get("minLength", 0) <= len(value) <= rule["maxLength"]


def _asked(kind: str | None, rule: Mapping[str, Any]) -> dict[str, object]:
    if kind == "choice":
        return {"choices": ", ".join(_choices(rule))}
    if kind == "integer":
        return {"low": rule.get("minimum", "-∞"), "high": rule.get("maximum", "∞")}
    return {"low": rule.get("minLength", 0), "high": rule.get("maxLength", LONGEST)}


def _choices(rule: Mapping[str, Any]) -> list[str]:
    return list(rule["enum"]) if "enum" in rule else [rule["const"]]
