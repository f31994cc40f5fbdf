"""From patterns of an older mask, or of another key, to those of today."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sllm_core.buffers import strings
from sllm_core.patterns.fingerprint import mask_digits
from sllm_core.patterns.head import heads
from sllm_core.patterns.mask import mask_all
from sllm_core.patterns.merge import Merge
from sllm_core.patterns.row import EXAMPLE, PatternRow, generality, is_merged

Learn = Callable[[PatternRow, str], int]


class Upgrade:
    """Leads stored patterns to those of today.

    A pattern that a message had made is masked anew from that message, since its template may have lost what today's
    mask keeps. A more general one follows its members where these still come together; where they do not (or too few
    of them are left) its template is masked.

    Args:
        merge: today's patterns.
        learn: takes up a text as a pattern of today, for a row, and gives its number.
        numbers: those of the stored patterns that are today's, by id.
        stored: all stored patterns by id.
    """

    def __init__(
        self, merge: Merge, learn: Learn, numbers: Mapping[int, int], stored: Mapping[int, PatternRow]
    ) -> None:
        self._merge, self._learn = merge, learn
        self._numbers, self._stored = dict(numbers), stored

    def numbers(self, old: Sequence[PatternRow]) -> dict[int, int]:
        """The numbers of today's patterns by the ids of the old ones."""
        ends = {row.id: self._end(row) for row in old}
        members = self._members(old)
        outdated = [row for row in old if ends[row.id] == row.id]
        self._mask_anew([row for row in outdated if row.id not in members])
        for row in sorted((row for row in outdated if row.id in members), key=generality):
            self._numbers[row.id] = self._generalise(row, [self._numbers[each] for each in members[row.id]])
        return {pattern: self._numbers[end] for pattern, end in ends.items()}

    def _end(self, row: PatternRow) -> int:
        """Where earlier upgrades led; in a circle, which only a damaged store has, nowhere."""
        start, seen = row.id, set[int]()
        while row.id not in self._numbers and (parent := self._parent(row)) is not None:
            if is_merged(row, parent):
                break
            if row.id in seen:
                return start
            seen.add(row.id)
            row = parent
        return row.id

    def _parent(self, row: PatternRow) -> PatternRow | None:
        parent = None if row.alias_of is None else self._stored.get(row.alias_of)
        return parent if parent is not None and parent.mask else None

    def _members(self, old: Sequence[PatternRow]) -> dict[int, list[int]]:
        members: dict[int, list[int]] = {}
        for row in old:
            parent = self._parent(row)
            if parent is not None and is_merged(row, parent):
                members.setdefault(parent.id, []).append(row.id)
        return members

    def _mask_anew(self, rows: Sequence[PatternRow]) -> None:
        texts = [row.example if 0 < len(row.example) < EXAMPLE else row.template for row in rows]
        for row, text in zip(rows, _masked(texts), strict=True):
            self._numbers[row.id] = self._learn(row, text)

    def _generalise(self, row: PatternRow, members: Sequence[int]) -> int:
        ends = {self._merge.current(each) for each in members}
        if len(ends) == 1 and ends.isdisjoint(members):
            return ends.pop()
        number = self._learn(row, _masked([row.template])[0])
        for member in members:
            self._merge.follow(member, number)
        return number


def _masked(texts: Sequence[str]) -> list[str]:
    return mask_all(mask_digits(heads(strings(texts)))) if texts else []
