from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sllm_core.redaction.spans import Span, merged

SPANS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 9), st.sampled_from("abc")).map(
        lambda s: Span(s[0], s[0] + s[1], s[2])
    )
)


def test_overlapping_spans_become_one_of_the_kind_that_was_found_first() -> None:
    assert merged([Span(5, 9, "key"), Span(0, 6, "email"), Span(20, 21, "card")]) == [
        Span(0, 9, "key"),
        Span(20, 21, "card"),
    ]


def test_neighbours_stay_apart() -> None:
    assert len(merged([Span(0, 3, "key"), Span(3, 5, "key")])) == 2


@given(SPANS)
def test_what_was_covered_is_covered_once(spans: list[Span]) -> None:
    covered = [place for each in merged(spans) for place in range(each.start, each.end)]
    assert covered == sorted({place for each in spans for place in range(each.start, each.end)})
