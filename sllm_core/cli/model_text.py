"""Versions of models, and what lies between two of them, as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sllm_core.learning.differing import DataChange, ExampleChange, Measured, Side, VersionDiff
    from sllm_core.learning.versions import Version

SHOWN = 12
"""So many changed examples are shown."""


def version_text(version: Version) -> str:
    """One version: where it comes from, and what the gate measured."""
    lines = [f"{version.name}: {version.state}" + (", judges now" if version.current else "")]
    lines += [f"tuner     {version.tuner}"] + ([f"base      {version.base}"] if version.base else [])
    lines += [f"{name:9} {value}" for name, value in version.lineage.items() if name != "terms"]
    for task, each in dict(version.report.get("tasks", {})).items():
        figures = f"{each['incumbent']:.3f} -> {each['candidate']:.3f} macro-F1 on {each['n']} patterns"
        lines.append(f"{task}: {figures} ({each['low']:+.3f} to {each['high']:+.3f}, p = {each['mcnemar_p']:g})")
    for each in version.report.get("checks", ()):
        lines.append(f"{'pass' if each['passed'] else 'FAIL'}  {each['name']}: {each['measured']} ({each['needed']})")
    return "\n".join(lines)


def diff_text(found: VersionDiff) -> str:
    """What lies between two versions, the second beside the first."""
    parts = {
        "on labels that were held out": list(map(_task, found.tasks)),
        "conditions of the gate": list(_checks(found.checks)),
        "data": list(_data(found.data)),
        "figures of the training": list(map(_side, found.metrics)),
        "made from": list(map(_side, found.lineage)),
    }
    states = [f"  {sign} {each.name}: {each.state}" for sign, each in (("-", found.first), ("+", found.second))]
    told = [f"{name}\n" + "\n".join(f"  {line}" for line in lines) for name, lines in parts.items() if lines]
    return "\n".join(["\n".join(states), *told])


def _task(measured: Measured) -> str:
    first, second = (_figure(each) for each in (measured.first, measured.second))
    return f"{measured.task}: {first} -> {second}"


def _figure(told: Mapping[str, Any] | None) -> str:
    if told is None or told.get("candidate") is None:
        return "not measured"
    return f"{told['candidate']:.3f} macro-F1 on {told['n']}"


def _checks(sides: tuple[Side, ...]) -> Iterator[str]:
    for each in sides:
        first, second = (_check(value) for value in (each.first, each.second))
        if first != second:
            yield f"{each.name}: {first} -> {second}"


def _check(told: Mapping[str, Any] | None) -> str:
    return "not asked" if told is None else f"{'pass' if told['passed'] else 'FAIL'} ({told['measured']})"


def _side(each: Side) -> str:
    change = "" if each.change is None else f" ({each.change:+.4g})"
    return f"{each.name}: {_value(each.first)} -> {_value(each.second)}{change}"


def _value(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_value, value))
    return "none" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def _data(data: DataChange) -> Iterator[str]:
    if not data.known:
        yield "the examples of one of them are not there"
        return
    counts = f"{data.added:,} added, {data.removed:,} removed, {data.relabelled:,} with another label"
    yield f"{counts}, {data.same:,} the same"
    yield from map(_example, data.changes[:SHOWN])


def _example(each: ExampleChange) -> str:
    from sllm_core.report.plain import plain

    sign = "+" if each.first is None else "-" if each.second is None else "~"
    labels = " -> ".join(label for label in (each.first, each.second) if label is not None)
    return f"{sign} {each.task} {labels}: {plain(each.text, 90)}"
