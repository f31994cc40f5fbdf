"""Some of many examples, of each label as many as its share, the same always."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sllm_core.learning.capping import drawn
from sllm_core.learning.dataset import Example


def sample(examples: Sequence[Example], most: int) -> tuple[Example, ...]:
    """At most so many of the examples, in their order; all where they are no more.

    Of each label there are as many as its share of all, to one. An example that is drawn stays drawn when others are
    added of other labels in the same proportions.
    """
    if len(examples) <= most:
        return tuple(examples)
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for place, each in enumerate(examples):
        groups[each.label].append(place)
    ranked = [
        ((rank + 0.5) / len(places), place)
        for _, places in sorted(groups.items())
        for rank, place in enumerate(sorted(places, key=lambda place: drawn(examples[place])))
    ]
    chosen = {place for _, place in sorted(ranked)[:most]}
    return tuple(each for place, each in enumerate(examples) if place in chosen)
