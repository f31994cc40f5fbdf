"""Counting the records of open windows by slot, service, level and pattern."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sllm_core.buffers import empty, strings, to_arrow
from sllm_core.grouping import MISSING, Ints, distinct, groups, names, sorted_groups
from sllm_core.moments import moment
from sllm_core.records import COUNTS, EXAMPLES, SLOTS, LogBatch, Window
from sllm_core.windows import Key, window_keys

EXAMPLE = 2_000
"""How many characters of a message are kept as an example."""

PILE = 1 << 18
"""So many rows of counts are gathered before equal ones are put together."""

NAMES = 10_000
"""So many names are numbered before those that no open window has any more are forgotten."""

Ids = NDArray[np.uint64]


@dataclass(frozen=True)
class Rows:
    """Counts in columns of equal length; `window` is the number of an open window, `service` and `level` are codes."""

    window: Ints
    slot: Ints
    service: Ints
    level: Ints
    pattern: Ids
    count: Ints

    def __len__(self) -> int:
        return len(self.window)

    def at(self, places: NDArray[np.integer] | NDArray[np.bool_]) -> Rows:
        """The rows at those places."""
        return Rows(*(column[places] for column in vars(self).values()))

    def summed(self) -> Rows:
        """Rows that differ in nothing but the count as one, their counts added; by window, slot and pattern."""
        order, first = sorted_groups(
            self.window * SLOTS + self.slot, distinct(self.pattern)[1], self.service, self.level
        )
        counts = np.add.reduceat(self.count[order], first) if len(first) else self.count
        return replace(self.at(order[first]), count=counts)


class Names:
    """Numbers for names, from 1 in the order of their coming; 0 stands for none."""

    def __init__(self, names: Iterable[str | None] = ()) -> None:
        self._codes: dict[str | None, int] = {None: 0}
        for name in names:
            self._code(name)

    def __len__(self) -> int:
        return len(self._codes)

    def _code(self, name: str | None) -> int:
        return self._codes.setdefault(name, len(self._codes))

    def codes(self, column: pa.ChunkedArray) -> Ints:
        """The numbers of a column of names, as strings or as a dictionary of strings."""
        found, place = names(column)
        numbers: Ints = np.array([*map(self._code, found), 0], np.int64)[place]
        return numbers

    def used(self, codes: Ints) -> tuple[list[str], Ints]:
        """The names that the codes stand for, in the order of the numbers, and for each code its place among them."""
        used, places = distinct(codes[codes > 0])
        every, found = [name or "" for name in self._codes], np.full(len(codes), MISSING)
        found[codes > 0] = places
        return [every[each] for each in used.tolist()], found


class Tally:
    """The counts of the open windows of one shard; `width` of a window in microseconds, `zone` that of its times."""

    def __init__(self, width: int, zone: tzinfo = UTC) -> None:
        self._width, self._zone = width, zone
        self._numbers: dict[Key, int] = {}
        self._opened = 0
        self._counts: list[Rows] = []
        self._settled = 0
        self._services, self._levels = Names(), Names()
        self._seen: defaultdict[int, set[int]] = defaultdict(set)
        self._examples: list[tuple[Ints, pa.Table]] = []

    def add(self, batch: LogBatch, start: NDArray[np.int64], part: NDArray[np.int64], time: NDArray[np.int64]) -> None:
        """Count the records of a batch with patterns; the arrays give each one's window and time in microseconds."""
        if not len(start):
            return
        keys, place = window_keys(start, part)
        window = np.array([self._number(key) for key in keys], np.int64)[place]
        slot = np.clip((time - start) * SLOTS // self._width, 0, SLOTS - 1)
        records, (ids, pattern) = batch.records, batch.patterns
        service, level = self._services.codes(records["service"]), self._levels.codes(records["level"])
        group, first = groups(window * SLOTS + slot, pattern, service, level)
        counts = np.bincount(group, minlength=len(first)).astype(np.int64)
        columns = (window[first], slot[first], service[first], level[first])
        self._counts.append(Rows(*columns, ids[pattern[first]], counts))
        self._keep_examples(records, first, window[first], pattern[first], ids)
        if sum(map(len, self._counts)) > 2 * self._settled + PILE:
            self._settle()

    def _number(self, key: Key) -> int:
        if key not in self._numbers:
            self._numbers[key] = self._opened
            self._opened += 1
        return self._numbers[key]

    def _settle(self) -> None:
        self._counts = [_joined(self._counts).summed()]
        self._settled = len(self._counts[0])

    def _keep_examples(self, records: pa.Table, rows: Ints, window: Ints, pattern: NDArray[np.int32], ids: Ids) -> None:
        """Of the rows, in which all pairs of window and pattern occur, those whose pair is new."""
        _, first = groups(window, pattern)
        pairs = zip(first.tolist(), window[first].tolist(), ids[pattern[first]].tolist(), strict=True)
        unseen = [(place, each, id) for place, each, id in pairs if id not in self._seen[each]]
        if not unseen:
            return
        for _, each, id in unseen:
            self._seen[each].add(id)
        new = np.array([place for place, _, _ in unseen], np.int64)
        new = new[np.lexsort((ids[pattern[new]], window[new]))]
        self._examples.append((window[new], examples_of(records, rows[new])))

    def close(self, keys: Iterable[Key]) -> list[Window]:
        """The windows with what was counted in them, which is forgotten here."""
        asked = list(keys)
        closing = [self._numbers.pop(key, -1) for key in asked]
        numbers = np.array(sorted(closing), np.int64)
        counts, examples = self._take_counts(numbers), self._take_examples(numbers)
        for number in closing:
            self._seen.pop(number, None)
        return [self._window(key, counts(number), examples(number)) for key, number in zip(asked, closing, strict=True)]

    def _window(self, key: Key, counts: pa.Table, examples: pa.Table) -> Window:
        start, end = (moment(each, self._zone) for each in (key.start, key.start + self._width))
        return Window(start, end, key.part, counts, examples)

    def _take_counts(self, numbers: Ints) -> partial[pa.Table]:
        """What gives the counts of each of the windows; only those of others are kept."""
        if not len(numbers) or not self._counts:
            return partial(part_of, empty(COUNTS), np.empty(0, np.int64))
        rows = _joined(self._counts)
        closed = np.isin(rows.window, numbers)
        self._counts = [rows.at(~closed)]
        self._settled = len(self._counts[0])
        rows = rows.at(closed).summed()
        table = self._table(rows)
        self._forget_names()
        return partial(part_of, table, rows.window)

    def _table(self, rows: Rows) -> pa.Table:
        columns = (
            to_arrow(rows.slot.astype(np.int16)),
            named(*self._services.used(rows.service), np.int32),
            named(*self._levels.used(rows.level), np.int8),
            to_arrow(rows.pattern),
            to_arrow(rows.count),
        )
        return pa.Table.from_arrays(columns, schema=COUNTS)

    def _forget_names(self) -> None:
        (rows,) = self._counts
        if len(self._services) > NAMES:
            left, service = self._services.used(rows.service)
            self._services, self._counts = Names(left), [replace(rows, service=service + 1)]

    def _take_examples(self, numbers: Ints) -> partial[pa.Table]:
        """As `_take_counts`, for the examples."""
        taken, window, left = [empty(EXAMPLES)], [np.empty(0, np.int64)], []
        for place, table in self._examples if len(numbers) else ():
            closed = np.isin(place, numbers)
            taken.append(table.take(to_arrow(np.flatnonzero(closed))))
            window.append(place[closed])
            if not closed.all():
                left.append((place[~closed], table.take(to_arrow(np.flatnonzero(~closed)))))
        self._examples = left if len(numbers) else self._examples
        windows = np.concatenate(window)
        order = np.argsort(windows, kind="stable")
        examples = pa.concat_tables(each.cast(EXAMPLES) for each in taken).combine_chunks().take(to_arrow(order))
        return partial(part_of, examples, windows[order])


def examples_of(records: pa.Table, rows: Ints) -> pa.Table:
    """The records at the rows as examples (columns: EXAMPLES), cut."""
    examples = records.select(EXAMPLES.names).take(to_arrow(rows))
    cut = pc.utf8_slice_codeunits(examples["message"], 0, EXAMPLE)
    return examples.set_column(3, EXAMPLES.field("message"), cut)


def part_of(table: pa.Table, windows: Ints, number: int) -> pa.Table:
    """The rows of one window in a table of which `windows`, ascending, has the number of each row's window."""
    begin, end = np.searchsorted(windows, [number, number + 1]).tolist()
    return table.slice(begin, end - begin)


def _joined(parts: Sequence[Rows]) -> Rows:
    return Rows(*(np.concatenate(columns) for columns in zip(*(vars(each).values() for each in parts), strict=True)))


def named(names: Sequence[str | None], places: Ints, kind: type[np.signedinteger]) -> pa.DictionaryArray:
    """The names at the places, a missing one below 0."""
    return pa.DictionaryArray.from_arrays(to_arrow(places.astype(kind), places >= 0), strings(names))
