"""One pattern that floods a side leaves what is said about the others as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sllm_core.comparison import KINDS, Comparison, compare

SIZE = 101
FLOOD, SURGE = 100, 12
Streams = Callable[..., Any]


def flooded(bursty: Streams, flood: int, *, before: int = 0) -> Comparison:
    """An hour against another with three times the records of one pattern, and a flood of another."""
    a, b = bursty(1, 3).with_records(FLOOD, before), bursty(2, 3)
    b = b.with_records(SURGE, 2 * int((b.pattern == SURGE).sum()), seed=3)
    return compare(a.side(SIZE), b.with_records(FLOOD, flood).side(SIZE))


@pytest.mark.parametrize("before", [0, 200])
@pytest.mark.parametrize("flood", [10_000, 1_000_000])
def test_a_surge_in_a_flood_is_found_and_nothing_fades(bursty: Streams, flood: int, before: int) -> None:
    found = flooded(bursty, flood, before=before)
    assert KINDS[found.kind[FLOOD]] == ("surging" if before else "new")
    assert KINDS[found.kind[SURGE]] == "surging"
    assert not np.isin(found.kind[:FLOOD], [KINDS.index("fading"), KINDS.index("gone")]).any()


def test_the_size_of_a_flood_does_not_matter_to_the_others(bursty: Streams) -> None:
    small, large = flooded(bursty, 10_000), flooded(bursty, 1_000_000)
    assert (small.kind == large.kind).all()
    assert small.reference == large.reference
    assert np.allclose(small.ratio[:FLOOD], large.ratio[:FLOOD], equal_nan=True)


def test_more_of_everything_is_no_change_of_shares(bursty: Streams) -> None:
    once, more = bursty(1).side(SIZE), bursty(2, records=100_000).side(SIZE)
    assert (compare(once, more).q > 0.01).all()
    assert (compare(once, more, by="rate").q <= 0.01).any()
