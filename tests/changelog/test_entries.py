from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.changelog.entries import NEVER, pattern_entry, pattern_key, read_entries, window_entry, window_key
from sllm_core.patterns import PatternRow
from sllm_core.store.inheritance import CountedWindow

IDS = st.integers(0, 2**64 - 1)
TIMES = st.integers(-(2**53), 2**53)
ROWS = st.builds(PatternRow, IDS, st.just("kafka"), st.text(), st.text(), st.none() | IDS, st.sampled_from(["", "2"]))


@given(row=ROWS, first=TIMES | st.just(int(NEVER)))
def test_a_pattern_is_read_as_it_was_written(row: PatternRow, first: int) -> None:
    left, strange = read_entries({pattern_key(row.id): pattern_entry(row, first)}, "kafka")
    assert (left.rows, strange) == ((row,), 0)
    assert [each.tolist() for each in left.sighted] == ([[], []] if first == NEVER else [[row.id], [first]])


@given(
    counts=st.dictionaries(IDS, st.integers(1, 2**62)), start=TIMES, width=st.integers(1, 2**50), part=st.integers(0, 9)
)
def test_a_window_is_read_as_it_was_written(counts: dict[int, int], start: int, width: int, part: int) -> None:
    patterns = np.array(sorted(counts), np.uint64)
    window = CountedWindow(
        start, start + width, part, patterns, np.array([counts[each] for each in sorted(counts)], np.int64)
    )
    left, strange = read_entries({window_key(window): window_entry(window)}, "kafka")
    (found,) = left.windows
    assert strange == 0 and (found.start, found.end, found.part) == (window.start, window.end, window.part)
    assert dict(zip(found.patterns.tolist(), found.counts.tolist(), strict=True)) == counts


@given(st.dictionaries(st.text(max_size=30) | st.sampled_from(["w/0/0", "p/0a"]), st.binary(max_size=60), max_size=5))
def test_nothing_that_is_in_a_changelog_stops_a_worker(entries: dict[str, bytes]) -> None:
    left, strange = read_entries(entries, "kafka")
    assert len(left.rows) + len(left.windows) + strange == len(entries)
