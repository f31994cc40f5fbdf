"""Labels that nothing is learnt from: they contradict one another, came too fast, or turn many others round."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sllm_core.learning.dataset import Quarantined
from sllm_core.store.feedback import Labelled

SPAN = timedelta(minutes=10)
"""Within this time more labels of one person, or on one source, than are allowed are a flood."""

SETTLED = timedelta(days=1)
"""After this time what somebody said stands; before it, to say otherwise is to correct oneself."""

TURNED = 10
"""How many established labels one person may turn round before it is looked at."""

HUMAN_PACE = ("api", "dashboard")
"""Whose statements are counted: who imports a file sits at the machine itself."""

Subject = tuple[str, int]
"""A task and a pattern."""

FLOOD = "more labels within ten minutes than [learning] burst allows; look at them, then name who is trusted"
REVERSAL = (
    f"more than {TURNED} labels that say otherwise than what was said before; look at them, then name who is trusted"
)


@dataclass(frozen=True)
class Sifted:
    """The statements that may be learnt from, by what they are about, and what was set aside of all."""

    groups: Mapping[Subject, Sequence[Labelled]]
    aside: Sequence[Quarantined]


def sift(said: Sequence[Labelled], history: Sequence[Labelled], burst: int, trusted: Collection[str]) -> Sifted:
    """What holds of the statements, whatever their order; `history` has also those that were replaced."""
    flooded = floods(said, burst, trusted)
    calm = [each for each in said if each.feedback.id not in flooded]
    drowned = floods(history, burst, trusted)
    turned = reversals(calm, [each for each in history if each.feedback.id not in drowned], trusted)
    kept = [each for each in calm if each.feedback.id not in turned]
    groups = grouped(kept)
    flipped = flips(groups.items())
    aside = flooded_note([each for each in said if each.feedback.id in flooded])
    aside += _noted("reversal", REVERSAL, [each for each in calm if each.feedback.id in turned])
    aside += [_flip_note(each, groups[each]) for each in sorted(flipped)]
    return Sifted({each: groups[each] for each in sorted(groups) if each not in flipped}, aside)


def grouped(said: Iterable[Labelled]) -> dict[Subject, list[Labelled]]:
    """Statements by what they are about, each group from the oldest to the newest."""
    groups: defaultdict[Subject, list[Labelled]] = defaultdict(list)
    for each in sorted(said, key=_age):
        groups[each.feedback.task, each.pattern].append(each)
    return dict(groups)


def floods(said: Sequence[Labelled], burst: int, trusted: Collection[str]) -> set[str]:
    """The ids of statements that are part of a flood: of one person, or on the patterns of one source."""
    streams: defaultdict[tuple[str, str], list[Labelled]] = defaultdict(list)
    for each in said:
        if _is_counted(each, trusted):
            streams["by", each.feedback.by].append(each)
            streams["source", each.source].append(each)
    return {id for stream in streams.values() for id in _too_fast(stream, burst)}


def reversals(said: Iterable[Labelled], history: Iterable[Labelled], trusted: Collection[str]) -> set[str]:
    """The ids of statements by which one person turns more than `TURNED` established labels round.

    Established is what somebody else said before, or the same person at least a day before.
    """
    before = grouped(history)
    turned = [
        each
        for each in said
        if _is_counted(each, trusted) and _turns(each, before.get((each.feedback.task, each.pattern), ()))
    ]
    counts = Counter(each.feedback.by for each in turned)
    return {each.feedback.id for each in turned if counts[each.feedback.by] > TURNED}


def flips(groups: Iterable[tuple[Subject, Sequence[Labelled]]]) -> set[Subject]:
    """The subjects that were given more than one label."""
    return {subject for subject, said in groups if len({each.label for each in said}) > 1}


def _is_counted(said: Labelled, trusted: Collection[str]) -> bool:
    return said.feedback.via in HUMAN_PACE and said.feedback.by not in trusted


def _turns(said: Labelled, before: Sequence[Labelled]) -> bool:
    """Whether the last established label was another one."""
    standing = [each.label for each in before if _stood(each, said)]
    return bool(standing) and standing[-1] != said.label


def _stood(earlier: Labelled, now: Labelled) -> bool:
    age = now.feedback.at - earlier.feedback.at
    return age >= SETTLED if earlier.feedback.by == now.feedback.by else age > timedelta(0)


def _too_fast(stream: Iterable[Labelled], burst: int) -> set[str]:
    ordered = sorted(stream, key=_age)
    found: set[str] = set()
    begin = 0
    for end, each in enumerate(ordered):
        while each.feedback.at - ordered[begin].feedback.at > SPAN:
            begin += 1
        if end - begin + 1 > burst:
            found.update(one.feedback.id for one in ordered[begin : end + 1])
    return found


def _age(said: Labelled) -> tuple[float, str, str, str]:
    """The age, and for those of one moment what does not follow from the order in which they came."""
    return said.feedback.at.timestamp(), said.feedback.by, said.label, said.level or ""


def flooded_note(said: Sequence[Labelled]) -> list[Quarantined]:
    """What is shown of floods."""
    return _noted("volume", FLOOD, said)


def _noted(reason: str, told: str, said: Sequence[Labelled]) -> list[Quarantined]:
    """What is shown of statements that were set aside: one entry for each person and task."""
    counts = Counter((each.feedback.task, each.feedback.by) for each in said)
    return [Quarantined(reason, task, by, told, count) for (task, by), count in sorted(counts.items())]


def _flip_note(subject: Subject, said: Sequence[Labelled]) -> Quarantined:
    task, pattern = subject
    told = ", ".join(f"{each.label} by {each.feedback.by}" for each in said[:10])
    return Quarantined("flip", task, f"{pattern:016x}", told, len(said))
