"""A pattern as the store keeps it, and as it is handed to another machine."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile

from sllm_core.patterns.ids import MASK_VERSION

EXAMPLE = 1_000
"""How many characters of a message are kept as the example of its pattern."""


@dataclass(frozen=True)
class PatternRow:
    """A pattern as the store keeps it. `alias_of` is the id of the pattern that it gave way to.

    `source` is where it was seen first; `mask` is the version of the mask that made the template, and empty for the
    pattern that holds what a full source could not place. An id of another version than MASK_VERSION is no id of today.
    """

    id: int
    source: str
    template: str
    example: str
    alias_of: int | None = None
    mask: str = MASK_VERSION


def is_merged(row: PatternRow, parent: PatternRow) -> bool:
    """Whether a row gave way to `parent` because that is more general, rather than to an upgrade of mask or key."""
    return row.mask == parent.mask and _fixed(parent) < _fixed(row)


def fork(row: PatternRow, parent: PatternRow) -> int:
    """How many characters the templates have in common before they differ."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(row.template, parent.template, strict=False)))


def generality(row: PatternRow) -> int:
    """Greater for a more general pattern than for any that gave way to it."""
    return -_fixed(row)


def _fixed(row: PatternRow) -> int:
    """How many characters of the template are no value."""
    return len(row.template.replace("<*>", ""))
