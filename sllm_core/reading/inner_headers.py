"""Messages of objects that begin with a header of their own, as those of shippers do that read files."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sllm_core.buffers import is_present, strings, to_numpy
from sllm_core.reading.assembly import NAMED, assemble, replaced
from sllm_core.reading.documents import chosen
from sllm_core.reading.extents import Extents
from sllm_core.reading.headers import ABSENT
from sllm_core.reading.known_formats import KnownFormats
from sllm_core.reading.levels import UNKNOWN, column_codes
from sllm_core.reading.lines import string_lines
from sllm_core.reading.objects import READ, ObjectColumns
from sllm_core.reading.time_layouts import MISSING
from sllm_core.reading.timestamps import Bools, Clock

_TIMED = (
    r"^[\[(<{\"']?(?:\d{4}(?:[-/.]\d{1,2}[-/.]\d|년)|\d\d[-/]\d\d[-/ T]\d|\d\d?:\d\d:\d\d|\d\d?[./]\d\d?[./]\d{4}"
    r"|\d{6}(?:\d\d)?[ T_-]\d|1\d{9}|\d\d?[-/ ][JFMASOND][a-z][a-z][-/ ]|[JFMASOND][a-z][a-z] {1,2}\d"
    r"|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? [\dJFMASOND])"
)


def without_headers(columns: ObjectColumns, formats: KnownFormats, clock: Clock) -> ObjectColumns:
    """The columns, with headers taken off those messages that begin with a time; what they say counts where the object
    does not say it."""
    timed = to_numpy(pc.match_substring_regex(columns.messages, pattern=_TIMED))
    rows = np.flatnonzero(timed & ~_has_been_read(columns.strings["module"]))
    if not len(rows):
        return columns
    own = chosen(columns, rows)
    lines, each = string_lines(own.messages), np.arange(len(rows))
    matches = formats.match(lines, clock)
    if (matches.kinds == ABSENT).all():
        return columns
    table = assemble(lines, matches, Extents(each, each), clock)
    times, codes = columns.times.copy(), columns.codes.copy()
    times[rows] = np.where(own.times == MISSING, matches.times, own.times)
    codes[rows] = np.where(own.codes == UNKNOWN, column_codes(table["level"].combine_chunks()), own.codes)
    told = {
        name: replaced(columns.strings[name], rows, pc.coalesce(own.strings[name], _plain(table[name])))
        for name in NAMED
    }
    messages = replaced(columns.messages, rows, _plain(table["message"]))
    return ObjectColumns(messages, times, codes, {**columns.strings, **told})


def _has_been_read(modules: pa.Array) -> Bools:
    """Which messages have been read before, and have no headers, whatever they look like."""
    if modules.null_count == len(modules):
        return np.zeros(len(modules), bool)
    return to_numpy(pc.equal(modules, strings([READ])[0])) & is_present(modules)


def _plain(names: pa.ChunkedArray) -> pa.Array:
    return names.cast(pa.string()).combine_chunks()
