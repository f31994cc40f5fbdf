"""Labels that nothing is learnt from: those that contradict one another, and those that came too fast."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

from sllm_core.learning.dataset import Quarantined
from sllm_core.store.feedback import Labelled

SPAN = timedelta(minutes=10)
"""Within this time more labels of one person, or on one source, than are allowed are a flood."""

HUMAN_PACE = ("api", "dashboard")
"""Whose statements are counted: who imports a file sits at the machine itself."""

Subject = tuple[str, int]
"""A task and a pattern."""


def floods(said: Sequence[Labelled], burst: int, trusted: Collection[str]) -> set[str]:
    """The ids of statements that are part of a flood: of one person, or on the patterns of one source."""
    streams: defaultdict[tuple[str, str], list[Labelled]] = defaultdict(list)
    for each in said:
        if each.feedback.via in HUMAN_PACE and each.feedback.by not in trusted:
            streams["by", each.feedback.by].append(each)
            streams["source", each.source].append(each)
    return {id for stream in streams.values() for id in _too_fast(stream, burst)}


def _too_fast(stream: Iterable[Labelled], burst: int) -> set[str]:
    ordered = sorted(stream, key=lambda each: each.feedback.at)
    found: set[str] = set()
    begin = 0
    for end, each in enumerate(ordered):
        while each.feedback.at - ordered[begin].feedback.at > SPAN:
            begin += 1
        if end - begin + 1 > burst:
            found.update(one.feedback.id for one in ordered[begin : end + 1])
    return found


def flips(groups: Iterable[tuple[Subject, Sequence[Labelled]]]) -> set[Subject]:
    """The subjects that were given more than one label."""
    return {subject for subject, said in groups if len({each.label for each in said}) > 1}


def flood_note(said: Sequence[Labelled]) -> list[Quarantined]:
    """What is shown of floods: one entry for each person and task."""
    counts: defaultdict[tuple[str, str], int] = defaultdict(int)
    for each in said:
        counts[each.feedback.task, each.feedback.by] += 1
    told = "more labels within ten minutes than [learning] burst allows; look at them, then name who is trusted"
    return [Quarantined("volume", task, by, told, count) for (task, by), count in sorted(counts.items())]


def flip_note(subject: Subject, key: str, said: Sequence[Labelled]) -> Quarantined:
    """What is shown of a subject with several labels."""
    told = ", ".join(f"{each.label} by {each.feedback.by}" for each in said[:10])
    return Quarantined("flip", subject[0], key, told, len(said))
