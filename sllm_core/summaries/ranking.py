"""Rankings that can be added up: the largest entries of a kind by name, and all others as one entry without a name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Entry = Mapping[str, Any]


def ranking(entries: Iterable[Entry], by: str, limit: int) -> list[dict[str, Any]]:
    """The `limit` largest entries, then, if there are more, their sum with `name` None.

    Entries of one name are added up: numbers are summed, of other values the first stays. Whether an entry that fell
    to the others in one of several rankings would be among the largest of all is not known; its count is kept.
    """
    merged: dict[str | None, dict[str, Any]] = {}
    for entry in entries:
        _add(merged, entry["name"], entry)
    rest = merged.pop(None, None)
    ranked = sorted(merged.values(), key=lambda entry: (-entry[by], str(entry["name"])))
    others: dict[str | None, dict[str, Any]] = {} if rest is None else {None: rest}
    for entry in ranked[limit:]:
        _add(others, None, {key: value for key, value in entry.items() if key == "name" or _counts(value)})
    return ranked[:limit] + list(others.values())


def _add(merged: dict[str | None, dict[str, Any]], name: str | None, entry: Entry) -> None:
    known = merged.setdefault(name, {"name": name})
    for key, value in entry.items():
        if key == "name":
            continue
        known[key] = known[key] + value if key in known and _counts(value) else known.get(key, value)


def _counts(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
