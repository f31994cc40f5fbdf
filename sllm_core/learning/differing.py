"""What lies between two versions: figures, conditions, data, and where they come from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sllm_core.learning.dataset_files import DATA, EXAMPLES
from sllm_core.learning.registry import Registry, RegistryError
from sllm_core.learning.versions import Version

LISTED = 200
"""So many examples are listed of each kind of change."""

SHOWN = 300
"""How many characters of an example are shown."""

Key = tuple[str, str]
"""The task of an example, and its pattern."""


@dataclass(frozen=True)
class Side:
    """What both have under one name; None where one has nothing."""

    name: str
    first: Any
    second: Any

    @property
    def change(self) -> float | None:
        """How much more the second is; None where they are no numbers."""
        return float(self.second - self.first) if _is_number(self.first) and _is_number(self.second) else None


@dataclass(frozen=True)
class Measured:
    """Macro-F1 of both on what the gate of each had held out for a task, beside the incumbents of the time."""

    task: str
    first: Mapping[str, Any] | None
    second: Mapping[str, Any] | None


@dataclass(frozen=True)
class ExampleChange:
    """An example that is in the data of one alone, or in both with other labels; `part` is where it is in the data."""

    task: str
    text: str
    first: str | None
    second: str | None
    part: str


@dataclass(frozen=True)
class DataChange:
    """How the data of the second differs: how many examples were added, removed and relabelled, and the first LISTED
    of each; `known` is false where the examples of one are not there any more, or never were."""

    known: bool
    added: int = 0
    removed: int = 0
    relabelled: int = 0
    same: int = 0
    changes: tuple[ExampleChange, ...] = ()


@dataclass(frozen=True)
class VersionDiff:
    """The second version beside the first."""

    first: Version
    second: Version
    tasks: tuple[Measured, ...]
    checks: tuple[Side, ...]
    metrics: tuple[Side, ...]
    lineage: tuple[Side, ...]
    data: DataChange

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        sides = {name: [{**asdict(each), "change": each.change} for each in getattr(self, name)] for name in _SIDES}
        return {
            "first": self.first.name,
            "second": self.second.name,
            "tasks": [asdict(each) for each in self.tasks],
            **sides,
            "data": asdict(self.data),
        }


_SIDES = ("checks", "metrics", "lineage")


def version_diff(registry: Registry, first: str, second: str) -> VersionDiff:
    """Compare two versions by their names.

    Raises:
        RegistryError: there is no such version, or they are of different tuners.
    """
    one, other = (_found(registry, name) for name in (first, second))
    if one.tuner != other.tuner:
        raise RegistryError(f"{one.name} is of {one.tuner} and {other.name} of {other.tuner}: they cannot be compared")
    return VersionDiff(
        one,
        other,
        tuple(_tasks(one, other)),
        tuple(_sides(_checks(one), _checks(other))),
        tuple(each for each in _sides(_flat(one.metrics), _flat(other.metrics)) if each.first != each.second),
        tuple(each for each in _sides(_lineage(one), _lineage(other)) if each.first != each.second),
        _data(registry.models, one, other),
    )


def _found(registry: Registry, name: str) -> Version:
    version = registry.find(name)
    if version is None:
        raise RegistryError(f"there is no version {name[:100]!r}; `sllm model list` lists them", missing=True)
    return version


def _tasks(one: Version, other: Version) -> Iterator[Measured]:
    first, second = (dict(each.report.get("tasks") or {}) for each in (one, other))
    for task in dict.fromkeys([*first, *second]):
        yield Measured(task, first.get(task), second.get(task))


def _checks(version: Version) -> dict[str, Any]:
    return {each["name"]: each for each in version.report.get("checks") or ()}


def _lineage(version: Version) -> dict[str, Any]:
    return {"base": version.base, **_flat({name: each for name, each in version.lineage.items() if name != "run"})}


def _sides(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[Side]:
    for name in dict.fromkeys([*first, *second]):
        yield Side(name, first.get(name), second.get(name))


def _flat(values: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """What is nested, under names with dots."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        found |= _flat(value, f"{before}{name}.") if isinstance(value, Mapping) else {f"{before}{name}": value}
    return found


def _data(models: Path | None, one: Version, other: Version) -> DataChange:
    digests = [each.lineage.get("data") for each in (one, other)]
    if models is None or None in digests:
        return DataChange(known=False)
    first, second = (_examples(models / f"{DATA}{digest}" / EXAMPLES) for digest in digests)
    if first is None or second is None:
        return DataChange(known=False)
    added = [_change(None, second[key]) for key in second if key not in first]
    removed = [_change(first[key], None) for key in first if key not in second]
    common = [key for key in first if key in second]
    other_way = [_change(first[key], second[key]) for key in common if first[key]["label"] != second[key]["label"]]
    same = len(common) - len(other_way)
    changes = (*other_way[:LISTED], *added[:LISTED], *removed[:LISTED])
    return DataChange(True, len(added), len(removed), len(other_way), same, changes)


def _examples(file: Path) -> dict[Key, dict[str, Any]] | None:
    try:
        with file.open(encoding="utf-8", errors="surrogatepass") as lines:
            rows = [json.loads(line) for line in lines]
    except (OSError, ValueError):
        return None
    return {(row["task"], row["key"]): row for row in rows}


def _change(first: Mapping[str, Any] | None, second: Mapping[str, Any] | None) -> ExampleChange:
    here = second or first or {}
    before, after = (None if each is None else str(each.get("label")) for each in (first, second))
    return ExampleChange(str(here["task"]), str(here["text"])[:SHOWN], before, after, str(here.get("part", "")))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
