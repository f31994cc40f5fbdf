"""What follows from facts in an obvious way and is commonly told.

All of it stays within one mapping, or a mapping and the one inside that it is compared with, and all but differences of
times need words near the figure that show what it is about; otherwise almost any number would follow from some pair of
facts. With n counts in a mapping there are at most n (n - 1) sums and differences, half as many factors and n shares in
the largest; mappings of more than MEMBERS counts have none. Of a ranking or a family, such as the levels, there is one
share of each member in each whole that stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

from sllm_core.figures.terms import Terms, about_key, about_number, cue, words_of_key
from sllm_core.figures.values import Value, is_count

MEMBERS = 12
"""Mappings with more counts than these have no sums, differences and shares of pairs."""

STEP = 1e6
"""How many seconds a step of a time line has at most."""

USUAL = ("usual", "baseline", "expected")
"""How keys begin whose numbers are what others usually are."""

RATES = (("errors", "records"), ("warnings", "records"))
"""Shares that may be told without what they are shares of: the error rate."""

ANSWERED = ("requests", "answers")
"""Keys of what failures are a share of."""

Counts = Mapping[str, float]


def pairs(counts: Counts, needs: tuple[Terms, ...]) -> Iterator[Value]:
    """Sums, differences and shares of two counts of one mapping."""
    if len(counts) > MEMBERS:
        return
    for one, other in combinations(sorted(counts, key=lambda key: counts[key]), 2):
        small, large = counts[one], counts[other]
        part, whole, about = words_of_key(one), words_of_key(other), about_key(one) | about_key(other)
        yield Value("count", small + large, (*needs, cue("together"), part, whole), about)
        yield Value("count", large - small, (*needs, cue("rest"), part | whole), about)
        if small:
            yield Value("factor", large / small, (*needs, part | about_number(small), whole | about_number(large)))
        if large and _is_part(one, other, counts):
            of = () if (one, other) in RATES else (whole | about_number(large),)
            yield Value("share", small / large, (*needs, part | about_number(small), *of))


def parts(members: Iterable[tuple[Terms, float]], whole: float) -> Iterator[Value]:
    """The share of each named member in the whole."""
    for terms, count in members:
        if 0 <= count <= whole and whole and terms:
            yield Value("share", count / whole, (terms | about_number(count),))


def changes(now: Mapping[str, Any], before: Mapping[str, Any]) -> Iterator[Value]:
    """Difference, change and factor of the numbers that both have."""
    for key in now.keys() & before.keys():
        if is_number(now[key]) and is_number(before[key]):
            yield from _change(key, bounded(now[key]), bounded(before[key]))
    for part, whole in RATES:
        rates = [_rate(each, part, whole) for each in (now, before)]
        if None not in rates:
            yield from _change(f"{part}_share", *map(bounded, rates))


def against_usual(facts: Mapping[str, Any]) -> Iterator[Value]:
    """Difference and factor of what is usual: `usual_<key>` of <key>, plain `usual` of the records or the count."""
    for key, value in facts.items():
        start, _, rest = key.partition("_")
        if start in USUAL and is_number(value):
            for name in (rest,) if rest else ("records", "count"):
                if is_number(facts.get(name)):
                    yield from _change(name, bounded(facts[name]), bounded(value))


def spans(moments: Sequence[datetime], counts: Counts, needs: tuple[Terms, ...]) -> Iterator[Value]:
    """The times between the moments of one mapping, and counts per time when there are two."""
    for first, second in combinations(moments[:MEMBERS], 2):
        if (first.tzinfo is None) != (second.tzinfo is None):
            continue
        milliseconds = abs((second - first).total_seconds()) * 1000
        yield Value("time", milliseconds, needs)
        if len(moments) == 2 and milliseconds:
            yield from (Value("rate", count / milliseconds, needs) for count in counts.values())


def peaks(facts: Mapping[str, Any], moments: Sequence[datetime]) -> Iterator[datetime]:
    """When each list under `levels`, of one count for each `step_seconds` from the first moment on, is highest."""
    step, lists = facts.get("step_seconds"), facts.get("levels")
    if not (moments and is_number(step) and isinstance(lists, Mapping) and 0 <= bounded(step) <= STEP):
        return
    for counts in lists.values():
        if isinstance(counts, list) and counts and all(map(is_number, counts)):
            with suppress(OverflowError):
                yield moments[0] + timedelta(seconds=bounded(step) * counts.index(max(counts)))


def counted(facts: Mapping[str, Any], parent: str = "") -> dict[str, float]:
    """The whole numbers of a mapping that count things."""
    return {
        key: bounded(value)
        for key, value in facts.items()
        if isinstance(value, int) and is_number(value) and value >= 0 and is_count(key, parent)
    }


def is_number(value: object) -> bool:
    """Whether it is an int or a float, and not a truth value."""
    return isinstance(value, (int, float)) and value is not True and value is not False


def bounded(value: float | None) -> float:
    """The number as a float; infinite when it is too large for one, 0 when there is none."""
    try:
        return float(value or 0)
    except OverflowError:
        return float("inf")


def _rate(facts: Mapping[str, Any], part: str, whole: str) -> float | None:
    numbers = [facts.get(key) for key in (part, whole)]
    return bounded(numbers[0]) / bounded(numbers[1]) if all(map(is_number, numbers)) and numbers[1] else None


def _is_part(part: str, whole: str, counts: Counts) -> bool:
    """Whether a share in the whole says something: in the largest count of all, or of failures in answers."""
    return counts[whole] == max(counts.values()) or (part == "failures" and whole in ANSWERED)


def _change(key: str, now: float, before: float) -> Iterator[Value]:
    own = words_of_key(key) | about_number(now) | about_number(before)
    needs: tuple[Terms, ...] = (cue("compared"),) if key in ("records", "count") else (cue("compared"), own)
    yield Value("count" if is_count(key) else "share", now - before, needs, about_key(key))
    if before:
        yield Value("factor", now / before, needs[:1])
        yield from (Value("share", each, needs) for each in (now / before - 1, now / before))
