"""So much of a kind and no more: what one pattern or one source may count among the examples."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from hashlib import blake2b

from sllm_core.learning.dataset import Example, Part, Quarantined
from sllm_core.learning.parts import furthest

OF_PATTERN = "more statements than [learning] per_pattern on one pattern"
OF_SOURCE = "more than [learning] per_source of one source"


def distinct(examples: Iterable[Example]) -> list[Example]:
    """One of each text and task; of several parts the text is in that, for all tasks, which is furthest from training.

    Patterns that differ only in what is not shown have the same text.
    """
    ordered = sorted(examples, key=lambda each: (each.task, each.key))
    parts: dict[str, Part] = {}
    for each in ordered:
        parts[each.text] = furthest(each.part, parts.get(each.text, "train"))
    found = {(each.task, each.text): each for each in reversed(ordered)}
    return [replace(each, part=parts[each.text]) for each in found.values()]


def capped_patterns(examples: Iterable[Example], cap: int) -> tuple[list[Example], list[Quarantined]]:
    """The examples, of which no more statements count than are allowed, and how many do not."""
    found = list(examples)
    aside = [
        Quarantined("cap", each.task, each.key, OF_PATTERN, each.count - cap) for each in found if each.count > cap
    ]
    return [replace(each, count=min(each.count, cap)) for each in found], aside


def capped_sources(examples: Iterable[Example], cap: int) -> tuple[list[Example], list[Quarantined]]:
    """At most so many of each task and source, chosen by their texts, and what was left out."""
    groups: defaultdict[tuple[str, str], list[Example]] = defaultdict(list)
    for each in examples:
        groups[each.task, each.source].append(each)
    kept: list[Example] = []
    aside: list[Quarantined] = []
    for (task, source), found in sorted(groups.items()):
        found.sort(key=drawn)
        kept += found[:cap]
        if len(found) > cap:
            aside.append(Quarantined("cap", task, source, OF_SOURCE, len(found) - cap))
    return sorted(kept, key=lambda each: (each.task, each.key)), aside


def drawn(example: Example) -> bytes:
    """What examples are ordered by to draw some of them: as if by chance, and the same always."""
    return blake2b(f"{example.key} {example.text}".encode(errors="surrogatepass"), digest_size=8).digest()
