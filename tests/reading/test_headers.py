"""Headers matched against lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sllm_core.reading.formats import Header, headers
from sllm_core.reading.headers import match_header, match_lines
from sllm_core.reading.lines import split_lines
from sllm_core.reading.timestamps import Clock

CLOCK = Clock(UTC, datetime(2024, 12, 1, 12, tzinfo=UTC))
QUICK = [header for header in headers() if header.quick]
WORDS = st.sampled_from(
    [
        *("203.0.113.7", "-", "kim", "www.a.kr:80", "[01/May/2024:12:00:00", "+0900]", "[2024-05-01T12:00:00]", "200"),
        *('"GET / HTTP/1.1"', '"-"', '"a \\" b"', "5", "0.123", "x"),
    ]
)
USUAL = '203.0.113.7 - kim [01/May/2024:12:00:00 +0900] "GET / HTTP/1.1" 200 5'


def matched(header: Header, text: str) -> list[tuple[object, ...]]:
    """For each line that fits: its row, its time, and the texts of its fields, without those that are empty."""
    lines = split_lines(text.encode())
    rows, spans, times = match_header(header, lines, np.arange(len(lines)), CLOCK)
    fields = [
        {name: lines.data[starts[row] : ends[row]] for name, (starts, ends) in spans.items() if starts[row] < ends[row]}
        for row in range(len(rows))
    ]
    return list(zip(rows.tolist(), times.tolist(), fields, strict=True))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(WORDS, max_size=5).map(" ".join), min_size=1, max_size=6), st.sampled_from(QUICK))
def test_quick_pattern_says_what_the_whole_one_says(ends: list[str], header: Header) -> None:
    text = "\n".join(line for end in ends for line in (end, f"{USUAL} {end}", f"{USUAL}{end}", f"a.kr {USUAL} {end}"))
    assert matched(header, text) == matched(replace(header, quick=""), text)


def test_first_header_that_fits_has_the_line() -> None:
    both = [header for header in headers() if header.name in ("syslog@syslog", "syslog-bare@syslog")]
    lines = split_lines(b"May  1 12:00:00 h app[1]: x\nMay  1 12:00:00 h no tag\nnothing\n")
    assert match_lines(both, lines, CLOCK).kinds.tolist() == [0, 1, -1]
