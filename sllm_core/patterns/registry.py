"""What stands behind pattern ids: templates, examples, aliases, and their rows in the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sllm_core.patterns.ids import MASK_VERSION, pattern_id
from sllm_core.patterns.mask import mask
from sllm_core.patterns.merge import Merge


@dataclass(frozen=True)
class PatternRow:
    """A pattern as the store keeps it. `alias_of` is the id of the more general pattern that it gave way to.

    `source` is where it was seen first; `mask` is the version of the mask that made the template, and empty for the
    pattern that holds what a full source could not place.
    """

    id: int
    source: str
    template: str
    example: str
    alias_of: int | None = None
    mask: str = MASK_VERSION


class Registry:
    """The patterns of a table, by number (from 0, in the order of their coming) and by id."""

    def __init__(self, limit: int, key: bytes) -> None:
        self._limit = limit
        self._key = key
        self._merge = Merge()
        self._ids: list[int] = []
        self._numbers: dict[int, int] = {}
        self._seen: dict[int, tuple[str, str]] = {}
        self._learnt: Counter[str] = Counter()
        self._apart: dict[int, PatternRow] = {}
        self._changed: dict[int, None] = {}

    def __len__(self) -> int:
        """The number of patterns that gave way to no other."""
        return len(self._merge) + sum(row.alias_of is None for row in self._apart.values())

    def learn(self, source: str, templates: Iterable[str], examples: Iterable[str]) -> list[int | None]:
        """The numbers of the patterns for these texts; None where the source is full and the text fits none."""
        pairs = zip(templates, examples, strict=True)
        numbers = [self._learn(source, template, example) for template, example in pairs]
        self._note()
        return numbers

    def _learn(self, source: str, template: str, example: str) -> int | None:
        number = self._merge.find(template)
        if number is None and self._learnt[source] >= self._limit:
            return self._merge.absorb(template)
        if number is None:
            self._learnt[source] += 1
            number = self._add(template, source, example)
        return number

    def other(self, source: str) -> int:
        """The id of the pattern for what a full source cannot place."""
        template = f"(other messages of {source})"
        row = PatternRow(self._id(template), source, template, "", mask="")
        if row.id not in self._apart:
            self._apart[row.id] = row
            self._changed[row.id] = None
        return row.id

    def current(self, number: int) -> int:
        """The id that the pattern with this number leads to now."""
        return self._ids[self._merge.current(number)]

    def resolve(self, pattern: int) -> int:
        """The id that this one leads to now; itself if it is unknown."""
        if pattern in self._apart:
            pattern = self._apart[pattern].alias_of or pattern
        number = self._numbers.get(pattern)
        return pattern if number is None else self.current(number)

    def row(self, pattern: int) -> PatternRow:
        """The row of the pattern with this id.

        Raises:
            KeyError: there is none.
        """
        if pattern in self._apart:
            return self._apart[pattern]
        number = self._numbers[pattern]
        source, example = self._first_seen(number)
        parent = self._merge.parent(number)
        alias_of = None if parent is None else self._ids[parent]
        return PatternRow(pattern, source, self._merge.texts[number], example, alias_of)

    def changes(self) -> list[PatternRow]:
        """The rows that are new or changed since the last call."""
        rows = [self.row(each) for each in self._changed]
        self._changed.clear()
        return rows

    def restore(self, rows: Iterable[PatternRow]) -> None:
        """Take up rows of an earlier run, in any order."""
        stored = {row.id: row for row in rows}
        current = {row.id: row for row in stored.values() if self._is_current(row)}
        derived = {row.alias_of for row in stored.values()}
        for row in current.values():
            self._learnt[row.source] += row.id not in derived
            self._add(row.template, row.source, row.example)
        self._note()
        for row in stored.values():
            if row.id in current:
                self._restore_alias(row)
            else:
                self._restore_apart(row, stored)
        for row in stored.values():
            if self.row(row.id) == row:
                self._changed.pop(row.id, None)

    def _restore_alias(self, row: PatternRow) -> None:
        if row.alias_of in self._numbers and self._merge.parent(self._numbers[row.id]) is None:
            self._merge.follow(self._numbers[row.id], self._numbers[row.alias_of])
            self._note()

    def _restore_apart(self, row: PatternRow, stored: Mapping[int, PatternRow]) -> None:
        if row.mask:
            row = replace(row, alias_of=self._successor(row, stored))
            self._changed[row.id] = None
        self._apart[row.id] = row

    def _successor(self, row: PatternRow, stored: Mapping[int, PatternRow]) -> int:
        """Today's pattern for one that an older mask, or another key, gave its id."""
        while not self._is_current(row) and row.alias_of is not None and row.alias_of in stored:
            row = stored[row.alias_of]
        if self._is_current(row):
            return row.id
        number = self._add(mask(row.template), row.source, row.example)
        self._note()
        return self._ids[number]

    def _is_current(self, row: PatternRow) -> bool:
        return row.id == self._id(row.template) and bool(row.mask)

    def _id(self, template: str) -> int:
        return pattern_id(template, self._key)

    def _add(self, template: str, source: str, example: str) -> int:
        number = self._merge.learn(template)
        self._seen.setdefault(number, (source, example))
        return number

    def _note(self) -> None:
        """Give ids to the patterns that the merge made, and note what changed."""
        for number in range(len(self._ids), len(self._merge.texts)):
            new = self._id(self._merge.texts[number])
            self._ids.append(new)
            self._numbers[new] = number
            self._changed[new] = None
        for number in self._merge.moved:
            self._changed[self._ids[number]] = None
        self._merge.moved.clear()

    def _first_seen(self, number: int) -> tuple[str, str]:
        while number not in self._seen:
            number = self._merge.origin[number]
        return self._seen[number]
