"""The fields of headers -> columns: what stands in spans of the text, each distinct word looked at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sllm_core.buffers import WORD, adjacent, strings, to_arrow, to_numpy, words_at
from sllm_core.reading.compiled import Compiled
from sllm_core.reading.headers import ABSENT
from sllm_core.reading.levels import UNKNOWN, Codes, host_codes
from sllm_core.reading.lines import Ints

_NOTHING = ord("-")


def present_spans(text: bytes, starts: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """The spans, with ABSENT for the start of those that hold nothing or one dash."""
    short = np.flatnonzero(ends - starts <= 1)
    short = short[starts[short] >= 0]
    if not len(short):
        return starts, ends
    empty = ends[short] == starts[short]
    signs = np.frombuffer(text, np.uint8)[starts[short[~empty]]]
    nothing = np.append(short[empty], short[~empty][signs == _NOTHING])
    starts = starts.copy()
    starts[nothing] = ABSENT
    return starts, ends


def string_column(text: bytes, starts: Ints, ends: Ints) -> pa.Array:
    """The texts in the spans, null where they hold nothing."""
    return adjacent(pa.py_buffer(text), *present_spans(text, starts, ends))


def name_column(text: bytes, starts: Ints, ends: Ints, loops: Compiled | None = None) -> pa.DictionaryArray:
    """The texts in the spans as a dictionary, null where they hold nothing."""
    starts, ends = present_spans(text, starts, ends)
    numbered = loops.numbered(text, starts, ends) if loops and len(starts) and starts.min() >= 0 else None
    if numbered is None:
        return adjacent(pa.py_buffer(text), starts, ends).dictionary_encode()
    codes, first = numbered
    return pa.DictionaryArray.from_arrays(to_arrow(codes), adjacent(pa.py_buffer(text), starts[first], ends[first]))


def without_levels(hosts: pa.DictionaryArray, codes: Codes) -> tuple[pa.DictionaryArray, Codes]:
    """The hosts without those that are words of severity, and the codes, completed by these.

    Programs write lines that differ from those of syslog only in that a level stands where the host does.
    """
    said = np.append(host_codes(hosts.dictionary), UNKNOWN)
    if (said == UNKNOWN).all():
        return hosts, codes
    indices = to_numpy(hosts.indices.fill_null(-1))
    found = np.where(codes == UNKNOWN, said[indices], UNKNOWN)
    kept = to_arrow(indices, (indices >= 0) & (found == UNKNOWN))
    return pa.DictionaryArray.from_arrays(kept, hosts.dictionary), np.where(found == UNKNOWN, codes, found)


def word_codes(
    text: bytes, starts: Ints, ends: Ints, reading: Callable[[pa.Array], Codes], loops: Compiled | None = None
) -> Codes:
    """The codes that `reading` gives to the texts in the spans, UNKNOWN where they hold nothing."""
    starts, ends = present_spans(text, starts, ends)
    if loops and len(starts) and starts.min() >= 0 and (numbered := loops.numbered(text, starts, ends)):
        numbers, first = numbered
        return np.take(reading(adjacent(pa.py_buffer(text), starts[first], ends[first])), numbers)
    lengths = ends - starts
    if not len(starts) or starts.min() < 0 or lengths.max() > WORD:
        return reading(adjacent(pa.py_buffer(text), starts, ends))
    words = words_at(np.frombuffer(text, np.uint8), starts, lengths)
    encoded = to_arrow(words).dictionary_encode()
    distinct = to_numpy(encoded.dictionary).astype("<u8")
    codes = reading(strings([word.tobytes().rstrip(b"\0").decode() for word in distinct]))
    found: NDArray[np.int8] = np.take(codes, to_numpy(encoded.indices))
    return found
