"""What stands behind pattern ids: templates, examples, aliases, and their rows in the store."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sllm_core.patterns import ids
from sllm_core.patterns.merge import Merge
from sllm_core.patterns.row import PatternRow
from sllm_core.patterns.upgrade import Upgrade

Ids = NDArray[np.uint64]
APART = "  "
"""Begins what is hashed for a pattern that stands for no message: the text of no message has two blanks in a row."""


class Registry:
    """The patterns of a table, by number (from 0, in the order of their coming) and by id.

    Of each source at most `limit` patterns stand for themselves, and as many are kept that gave way to others: names
    that come without end take no room from patterns that are new.
    """

    def __init__(self, limit: int, key: bytes) -> None:
        self._limit = limit
        self._key = key
        self._merge = Merge()
        self._ids = array("Q")
        self._numbers: dict[int, int] = {}
        self._seen: dict[int, tuple[str, str]] = {}
        self._standing: dict[int, str] = {}
        self._taken: Counter[str] = Counter()
        self._followers: Counter[str] = Counter()
        self._apart: dict[int, PatternRow] = {}
        self._others: dict[str, int] = {}
        self._changed: dict[int, None] = {}

    def __len__(self) -> int:
        """The number of patterns that gave way to no other."""
        return len(self._merge) + sum(row.alias_of is None for row in self._apart.values())

    def without_patterns(self) -> Registry:
        """An empty one of the same limit and key."""
        return Registry(self._limit, self._key)

    def learn(self, source: str, templates: Iterable[str], examples: Iterable[str]) -> list[int | None]:
        """The numbers of the patterns for these texts; None where the source is full and the text fits none."""
        pairs = zip(templates, examples, strict=True)
        return [self._learn(source, template, example) for template, example in pairs]

    def _learn(self, source: str, template: str, example: str) -> int | None:
        number = self._merge.find(template)
        if number is not None:
            return number
        if max(self._taken[source], self._followers[source]) >= self._limit:
            general = self._merge.absorb(template)
            if (self._taken if general is None else self._followers)[source] >= self._limit:
                return general
        return self._add(template, source, example)

    def taken(self, source: str) -> int:
        """How many patterns that the source has brought in stand for themselves, of as many as may."""
        return self._taken[source]

    def other(self, source: str) -> int:
        """The id of the pattern for what a full source cannot place."""
        if source not in self._others:
            row = self._other(source)
            self._others[source] = row.id
            if row.id not in self._apart:
                self._apart[row.id] = row
                self._changed[row.id] = None
        return self._others[source]

    def other_id(self, source: str) -> int:
        """The id that `other` gives."""
        return self._other(source).id

    def _other(self, source: str) -> PatternRow:
        template = f"(other messages of {source})"
        return PatternRow(self._id(f"{APART}{template}"), source, template, "", mask="")

    def current(self, number: int) -> int:
        """The id that the pattern with this number leads to now."""
        return self._ids[self._merge.current(number)]

    def currents(self, numbers: Iterable[int]) -> list[int]:
        """The ids that the patterns with these numbers lead to now."""
        return list(map(self._ids.__getitem__, map(self._merge.current, numbers)))

    def resolve(self, pattern: int) -> int:
        """The id that this one leads to now; itself if it is unknown."""
        apart = self._apart.get(pattern)
        if apart is not None and apart.alias_of is not None:
            pattern = apart.alias_of
        number = self._numbers.get(pattern)
        return pattern if number is None else self.current(number)

    def aliases(self) -> tuple[Ids, Ids]:
        """The ids that lead to others, ascending, and where to."""
        parents = self._merge.parents()
        followers, leads = np.fromiter(parents, np.int64), np.arange(len(self._ids))
        leads[followers] = np.fromiter(parents.values(), np.int64)
        while not np.array_equal(further := leads[leads], leads):
            leads = further
        known = np.array(self._ids, np.uint64)
        apart = [each for each, row in self._apart.items() if row.alias_of is not None]
        ids = np.append(known[followers], np.array(apart, np.uint64))
        now = np.append(known[leads[followers]], np.array(list(map(self.resolve, apart)), np.uint64))
        order = np.argsort(ids)
        return ids[order], now[order]

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
        return PatternRow(pattern, source, self._merge.texts[number], example, alias_of, ids.MASK_VERSION)

    def find(self, pattern: int) -> PatternRow | None:
        """The row of the pattern with this id; None if there is none."""
        return self.row(pattern) if pattern in self._apart or pattern in self._numbers else None

    def rows(self) -> list[PatternRow]:
        """All rows."""
        return [self.row(each) for each in (*self._numbers, *self._apart)]

    def changes(self) -> list[PatternRow]:
        """The rows that are new or changed since the last call."""
        rows = [self.row(each) for each in self._changed]
        self._changed.clear()
        return rows

    def take_back(self, rows: Iterable[PatternRow]) -> None:
        """Give these rows again with the next changes."""
        self._changed.update((row.id, None) for row in rows)

    def restore(self, rows: Iterable[PatternRow]) -> None:
        """Take up rows of an earlier run or of a replica, in any order."""
        stored = {row.id: row for row in rows}
        current = {row.id: row for row in stored.values() if row.id == self._id(row.template) and row.mask}
        for row in current.values():
            self._take_up(row, row.template)
        for row in current.values():
            self._restore_alias(row)
        self._restore_apart(stored, [row for row in stored.values() if row.id not in current])
        for row in stored.values():
            if self.row(row.id) == row:
                self._changed.pop(row.id, None)

    def _restore_alias(self, row: PatternRow) -> None:
        if row.alias_of in self._numbers and self._merge.parent(self._numbers[row.id]) is None:
            self._merge.follow(self._numbers[row.id], self._numbers[row.alias_of])
            self._note()

    def _restore_apart(self, stored: Mapping[int, PatternRow], old: list[PatternRow]) -> None:
        upgrade = Upgrade(self._merge, self._take_up, self._numbers, stored)
        numbers = upgrade.numbers([row for row in old if row.mask])
        self._note()
        for row in (row for row in old if row.id not in self._numbers):
            now = self._ids[numbers[row.id]] if row.mask else self.other(row.source)
            self._apart[row.id] = replace(row, alias_of=None if now == row.id else now)
            self._changed[row.id] = None

    def _take_up(self, row: PatternRow, text: str) -> int:
        return self._add(text, row.source, row.example)

    def _id(self, template: str) -> int:
        return ids.pattern_id(template, self._key)

    def _add(self, template: str, source: str, example: str) -> int:
        number = self._merge.learn(template)
        self._seen.setdefault(number, (source, example))
        self._note()
        return number

    def _note(self) -> None:
        """Give ids and places to the patterns that the merge made, and note what changed."""
        texts, moved = self._merge.texts, self._merge.moved
        for number in range(len(self._ids), len(texts)):
            new = self._id(texts[number])
            self._ids.append(new)
            self._numbers[new] = number
            self._apart.pop(new, None)
            self._changed[new] = None
            self._stand(number)
        if moved:
            for number in moved:
                self._changed[self._ids[number]] = None
                self._stand_down(number)
            moved.clear()

    def _stand(self, number: int) -> None:
        source, _ = self._first_seen(number)
        if self._merge.parent(number) is None:
            self._standing[number] = source
            self._taken[source] += 1
        else:
            self._followers[source] += 1

    def _stand_down(self, number: int) -> None:
        """A pattern that gave way leaves its place to another, as long as there are not too many such."""
        source = self._standing.get(number)
        if source is not None and self._followers[source] < self._limit:
            del self._standing[number]
            self._taken[source] -= 1
            self._followers[source] += 1

    def _first_seen(self, number: int) -> tuple[str, str]:
        while number not in self._seen:
            number = self._merge.origin[number]
        return self._seen[number]
