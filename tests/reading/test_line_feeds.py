"""Expressions for lines that still have their line feed."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sllm_core.reading.columns import KINDS
from sllm_core.reading.formats import headers
from sllm_core.reading.learnt import learnt_header
from sllm_core.reading.line_feeds import before_feed

LEARNT = [learnt_header(f"learnt?(time:iso {kind} {kind})") for kind in KINDS]
QUICK = [replace(header, pattern=header.quick) for header in headers() if header.quick]
PATTERNS = sorted({pattern for header in (*headers(), *LEARNT, *QUICK) for pattern in header.passes})


def spans(pattern: str, line: str, end: int) -> object:
    found = pc.extract_regex_span(pa.array([line]), pattern=pattern).to_pylist()[0]
    return found and {
        name: span and (min(span[0], end), min(span[0] + span[1], end) - min(span[0], end))
        for name, span in found.items()
    }


@st.composite
def lines(draw: st.DrawFn) -> tuple[str, str]:
    """A pattern, and a line that it may match: cut off at some place, or followed by more."""
    pattern = draw(st.sampled_from(PATTERNS))
    text = draw(st.from_regex(pattern)).replace("\n", "").replace("\r", "")
    kept = text[: draw(st.integers(0, len(text)))] if draw(st.booleans()) else text
    return pattern, kept + draw(st.sampled_from(["", " ", " x", ": y", "] ", "\t"]))


@settings(max_examples=300, deadline=None)
@given(lines())
def test_a_line_feed_changes_nothing(drawn: tuple[str, str]) -> None:
    pattern, line = drawn
    end = len(line.encode(errors="replace"))
    alone = spans(pattern, line, end)
    assert spans(before_feed(pattern), line + "\n", end) == alone
    assert spans(before_feed(pattern), line, end) == alone


@pytest.mark.parametrize("pattern", [r"a\Wb", r"[^\S]x", "(?s).", r"[\D]"])
def test_what_would_take_the_line_feed_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="not for lines"):
        before_feed(pattern)
