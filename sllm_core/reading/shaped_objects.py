"""Columns of values -> columns of records, for objects that have the same fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sllm_core.buffers import no_text, rows_of, strings, to_arrow, to_numpy
from sllm_core.reading.assembly import replaced
from sllm_core.reading.levels import UNKNOWN, Codes
from sllm_core.reading.objects import NANOSECONDS, STRINGS, ObjectColumns, Plan, level_code, time_text
from sllm_core.reading.shaped_values import Values
from sllm_core.reading.timestamps import Clock, parse_times

_DOUBTFUL = r'^$|[ "\n\t=]'
"""What stands in quotes behind a message, as in `objects.value_text`."""

_ESCAPED = r'["\\\x00-\x1f]'


@dataclass(frozen=True)
class RoleTexts:
    """What objects say in each role (n,), as texts; empty ones and missing ones are the same."""

    messages: pa.Array
    times: pa.Array
    codes: Codes
    strings: Mapping[str, pa.Array]


def role_texts(values: Mapping[str, Values], plan: Plan, count: int) -> RoleTexts:
    """The texts of objects (count,) that have those values."""
    missing = pa.nulls(count, pa.string())
    names = {name: values[key].texts if (key := plan.roles.get(name)) else missing for name in STRINGS}
    times = _times(values, plan.roles["timestamp"]) if "timestamp" in plan.roles else missing
    return RoleTexts(_messages(values, plan, count), times, _codes(values, plan, count), names)


def text_columns(parts: Sequence[RoleTexts], clock: Clock) -> ObjectColumns:
    """The columns of objects, as `object_columns` has them; the parts below one another."""
    times = pc.utf8_trim_whitespace(pc.fill_null(pa.concat_arrays([part.times for part in parts]), no_text()))
    return ObjectColumns(
        messages=pc.utf8_trim_whitespace(pa.concat_arrays([part.messages for part in parts])),
        times=parse_times(times, clock),
        codes=np.concatenate([part.codes for part in parts]),
        strings={name: _filled(pa.concat_arrays([part.strings[name] for part in parts])) for name in STRINGS},
    )


def _filled(texts: pa.Array) -> pa.Array:
    """The texts with null for empty ones."""
    empty = np.flatnonzero(_is_empty(texts))
    return replaced(texts, empty, pa.nulls(len(empty), pa.string())) if len(empty) else texts


def _is_empty(texts: pa.Array) -> NDArray[np.bool_]:
    empty: NDArray[np.bool_] = to_numpy(pc.binary_length(texts)) == 0
    return empty


def _messages(values: Mapping[str, Values], plan: Plan, count: int) -> pa.Array:
    parts = [*_parts(values, plan)] or [strings([""] * count)]
    return pc.binary_join_element_wise(*parts, no_text()) if len(parts) > 1 else parts[0]


def _parts(values: Mapping[str, Values], plan: Plan) -> Iterator[pa.Array | pa.Scalar]:
    if key := plan.roles.get("message"):
        yield values[key].texts
    for extra in plan.extras:
        yield strings([f" {extra}="])[0]
        yield _delimited(values[extra])
    if (key := plan.roles.get("stack")) and values[key].quoted:
        stacks = values[key].texts
        yield pc.if_else(to_arrow(_is_empty(stacks)), no_text(), strings(["\n"])[0])
        yield stacks


def _delimited(values: Values) -> pa.Array:
    """The texts, in quotes where it would be doubtful where they end."""
    rows = rows_of(pc.match_substring_regex(values.texts, pattern=_DOUBTFUL)) if values.quoted else []
    if not rows:
        return values.texts
    doubtful = values.texts.take(to_arrow(np.array(rows)))
    quote = strings(['"'])[0]
    quoted = pc.binary_join_element_wise(quote, doubtful, quote, no_text())
    hard = rows_of(pc.match_substring_regex(doubtful, pattern=_ESCAPED))
    if hard:
        dumped = [orjson.dumps(doubtful[row].as_py()).decode() for row in hard]
        quoted = replaced(quoted, np.array(hard), strings(dumped))
    return replaced(values.texts, np.array(rows), quoted)


def _times(values: Mapping[str, Values], key: str) -> pa.Array:
    if values[key].quoted:
        return values[key].texts
    numbers, nanoseconds = _numbers(values[key]), values.get(NANOSECONDS)
    fractions = _numbers(nanoseconds) if nanoseconds and not nanoseconds.quoted else [None] * len(numbers)
    return strings([time_text(number, fraction) for number, fraction in zip(numbers, fractions, strict=True)])


def _numbers(values: Values) -> list[object]:
    numbers: list[object] = orjson.loads("[" + ",".join(values.texts.to_pylist()) + "]")
    return numbers


def _codes(values: Mapping[str, Values], plan: Plan, count: int) -> Codes:
    key = plan.roles.get("level")
    if key is None:
        return np.full(count, UNKNOWN, np.int8)
    encoded = values[key].texts.dictionary_encode()
    words = encoded.dictionary.to_pylist()
    levels = words if values[key].quoted else [orjson.loads(word) for word in words]
    codes = np.array([level_code(level, key) for level in levels], np.int8)
    return np.take(codes, to_numpy(encoded.indices))
