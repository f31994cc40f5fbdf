"""The bytes of one shard -> records."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from functools import lru_cache

import numpy as np
import pyarrow as pa

from sllm_core.buffers import to_arrow
from sllm_core.reading.assembly import assemble
from sllm_core.reading.compiled import Compiled, compiled
from sllm_core.reading.continuation import is_blank, may_begin, starts_alone
from sllm_core.reading.extents import Extents, Rows, extents
from sllm_core.reading.headers import ABSENT, Matches, match_lines
from sllm_core.reading.holding import UTF16, Holding
from sllm_core.reading.layout import Layout, find_layout, widened
from sllm_core.reading.lines import Lines, split_lines
from sllm_core.reading.origins import origin_column
from sllm_core.reading.time_layouts import MISSING
from sllm_core.reading.timestamps import Bools, Clock
from sllm_core.reading.wrappers import unwrap_lines
from sllm_core.records import records_table

SAMPLE_BYTES = 256 << 10
"""So many bytes are waited for, unless the text ends before, until the format is sought."""

MUCH = 16 << 20
"""After so many bytes the compiled loops are loaded: they save what loading costs on some sixty million more."""

REMEMBERED = 40
"""For how many samples the formats are remembered."""


class Reader:
    """Text of one shard -> records; fed with chunks of bytes in order.

    The format is found from the first 256 KiB, or from what there is when the text ends; further formats are added when
    many lines turn up that have none of those found. Records hold up to 500 lines and 16 MiB, lines up to 16 MiB.

    `offset` and `line` say where the first byte that will be fed stands, and are moved on with each record given out: a
    later Reader for the same shard that gets them and `layout` goes on there. `zone` is for times without one;
    `reference` the latest plausible time (when the file was last written), from which a missing year follows.
    `repaired` counts the records given out in which bytes had to be repaired, `strangers` the lines in them that have
    none of the formats and are no continuation.

    Raises:
        ValueError: `layout` does not come from the attribute of that name.
    """

    def __init__(
        self,
        shard: str,
        *,
        offset: int = 0,
        line: int = 1,
        layout: str | None = None,
        zone: tzinfo = UTC,
        reference: datetime,
    ) -> None:
        self.shard = shard
        self.offset = offset
        self.line = line
        self.repaired = 0
        self.strangers = 0
        self._clock = Clock(zone, reference)
        self._begun = offset
        self._loops: Compiled | None = None
        encoding = next((each for each in UTF16 if layout and layout.startswith(each)), "")
        self._held = Holding(offset, encoding)
        self._layout = None if layout is None else Layout.from_name(layout[len(encoding) + 1 :] if encoding else layout)

    @property
    def layout(self) -> str | None:
        """The formats found so far, for a later Reader; None before they are."""
        if self._layout is None:
            return None
        encoding = self._held.encoding
        return f"{encoding};{self._layout.name}" if encoding in UTF16 else self._layout.name

    @property
    def cut(self) -> int:
        """The number of lines of more than 16 MiB, of which the rest was left out."""
        return self._held.cut

    @property
    def lost(self) -> int:
        """The number of bytes that were left out of such lines."""
        return self._held.lost

    def feed(self, chunk: bytes) -> pa.Table:
        """The records that are complete, which a record is when the next one has begun.

        Columns: those of RECORDS and `line`, the number of the record's first line, from 1.
        """
        self._held.add(chunk)
        if self._loops is None and self._held.end - self._begun >= MUCH:
            self._loops = compiled()
        length = self._held.complete
        if b"\n" not in chunk or (self._layout is None and length < SAMPLE_BYTES):
            return _nothing()
        return self._read(length, kept=1)

    def flush(self) -> pa.Table:
        """The records that are complete if no continuation lines follow: for a stream that has gone quiet."""
        return self._read(self._held.complete, kept=0)

    def finish(self) -> pa.Table:
        """All records that are left, at the end of the text."""
        self._held.close()
        records = self._read(len(self._held), kept=0)
        self.offset = self._held.end
        return records

    def _read(self, length: int, kept: int) -> pa.Table:
        """The records in the first `length` bytes held but for the last `kept`, which are left there."""
        if not length:
            return _nothing()
        data = self._held.text(length)
        lines, matches = self._match(data)
        begins, blank = self._begins(lines, matches)
        found = extents(begins, blank, lines.raw)
        given = found.until(max(0, len(found) - kept))
        count = int(found.first[len(given)]) if len(given) < len(found) else len(lines)
        table = self._table(lines, matches, given, data)
        self._count(lines, given, np.flatnonzero(matches.kinds[:count] == ABSENT))
        self._held.release(int(lines.raw[count]))
        self.line += int(lines.rows[count])
        self.offset = self._held.begin
        return table

    def _match(self, data: bytes) -> tuple[Lines, Matches]:
        lines = split_lines(data, self._loops)
        if self._layout is None:
            self._layout = _layout_of(_sample(data), self._clock)
        times = np.full(0, MISSING, np.int64)
        if self._layout.wrapper:
            lines, times = unwrap_lines(self._layout.wrapper, lines, self._clock)
        matches = match_lines(self._layout.headers, lines, self._clock)
        wider = widened(self._layout, lines, matches, self._clock)
        if wider is not self._layout:
            self._layout, matches = wider, match_lines(wider.headers, lines, self._clock)
        if len(times):
            matches = replace(matches, times=np.where(matches.times == MISSING, times, matches.times))
        return lines, matches

    def _begins(self, lines: Lines, matches: Matches) -> tuple[Bools, Bools]:
        """Which lines begin a record, and which are blank."""
        begins = matches.kinds != ABSENT
        if begins.all():
            return begins, ~begins
        text = lines.text
        joined = self._layout is not None and self._layout.joined
        return begins if joined else begins | starts_alone(text), is_blank(text)

    def _table(self, lines: Lines, matches: Matches, given: Extents, data: bytes) -> pa.Table:
        inner = self._layout.inner if self._layout else ()
        table = assemble(lines, matches, given, self._clock, inner)
        positions = self._held.origins(data, given.firsts(lines.raw))
        table = table.set_column(0, "origin", origin_column(self.shard, positions))
        return table.append_column("line", to_arrow(self.line + given.firsts(lines.rows)))

    def _count(self, lines: Lines, given: Extents, strange: Rows) -> None:
        if len(strange):
            self.strangers += int(may_begin(lines.chosen(strange)).sum())
        if lines.repaired.any() and len(given):
            touched = np.add.reduceat(lines.repaired[: given.last[-1] + 1].astype(np.int64), given.first)
            self.repaired += int((touched > 0).sum())


@lru_cache(REMEMBERED)
def _layout_of(sample: bytes, clock: Clock) -> Layout:
    """Remembered: who wants to know first how long a time the files span asks about the same samples."""
    return find_layout(split_lines(sample), clock)


def _sample(data: bytes) -> bytes:
    end = data.rfind(b"\n", 0, SAMPLE_BYTES) + 1
    return data[:end] if end and len(data) > SAMPLE_BYTES else data


def _nothing() -> pa.Table:
    return records_table({"line": pa.nulls(0, pa.int64())}, 0)
