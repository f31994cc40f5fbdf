"""In which part of a dataset a pattern is: by its text alone, the same for all tasks and for ever."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sllm_core.learning.dataset import PARTS, Part, part_at
from sllm_core.store.feedback import Labelled, part_of


def part_of_text(text: str) -> Part:
    """The part of what has this text."""
    return part_at(part_of(text))


def parts_of(said: Iterable[Labelled]) -> dict[int, Part]:
    """The part of each pattern. Where several became one, that which is furthest from training."""
    found: dict[int, Part] = {}
    for each in said:
        found[each.pattern] = furthest(part_at(each.part), found.get(each.pattern, "train"))
    return found


def furthest(*parts: Part) -> Part:
    """Of some parts that which is furthest from training."""
    return max(parts, key=PARTS.index)


def newest(first: Mapping[int, datetime], share: float) -> set[int]:
    """The patterns that were labelled last, at most this share of all, by when each was labelled first.

    What was labelled within one hour is told apart by nothing, so that it is either all new or none of it. As more is
    labelled, a pattern may cease to be new, and never becomes it again.
    """
    hours = {pattern: at.replace(minute=0, second=0, microsecond=0) for pattern, at in first.items()}
    ordered = sorted(hours.values())
    count = int(share * len(ordered))
    if not count or count == len(ordered):
        return set()
    latest = ordered[-count - 1]
    return {pattern for pattern, hour in hours.items() if hour > latest}


def first_said(said: Iterable[Labelled]) -> dict[int, datetime]:
    """When each pattern was labelled first."""
    found: dict[int, datetime] = {}
    for each in said:
        found[each.pattern] = min(each.feedback.at, found.get(each.pattern, each.feedback.at))
    return found
