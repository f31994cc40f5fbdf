"""A dataset in words: how much there is of what, and what was set aside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

SHOWN = 40
"""How many lines of what was set aside are shown."""


def dataset_text(manifest: Mapping[str, Any]) -> str:
    """The manifest of a dataset, with how much is replayed, as text."""
    return "\n".join(_lines(manifest))


def _lines(manifest: Mapping[str, Any]) -> Iterator[str]:
    examples, statements = manifest["examples"], manifest["statements"]
    yield f"dataset {manifest['digest']}: {examples:,} examples of {statements:,} statements"
    for task, parts in manifest["tasks"].items():
        for part, labels in parts.items():
            if labels:
                counts = ", ".join(f"{count:,} {label}" for label, count in labels.items())
                yield f"  {task:9}  {part:6}  {sum(labels.values()):6,}  {counts}"
    yield f"  replayed from before: {manifest['replay']:,}"
    yield from _shares(manifest)
    yield from _aside(manifest["quarantined"])


def _shares(manifest: Mapping[str, Any]) -> Iterator[str]:
    for title, name in (("by origin", "origins"), ("by labeller", "labellers"), ("by source", "sources")):
        if manifest[name]:
            counts = (f"{each or 'unknown'} {count:,}" for each, count in manifest[name].items())
            yield f"{title}: {', '.join(counts)}"


def _aside(quarantined: list[Mapping[str, Any]]) -> Iterator[str]:
    if not quarantined:
        yield "nothing was set aside"
        return
    yield f"set aside: {sum(each['count'] for each in quarantined):,} statements"
    for each in quarantined[:SHOWN]:
        yield f"  {each['reason']:8}  {each['task']:9}  {each['key']}  {each['count']:,}: {each['detail']}"
    if len(quarantined) > SHOWN:
        yield f"  and {len(quarantined) - SHOWN:,} more; --format json has all"
