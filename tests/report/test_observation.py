from __future__ import annotations

from datetime import UTC, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sllm_core.records import LogBatch, Window
from sllm_core.report.observation import MISSING, Observation, level_codes, level_total
from sllm_core.testing import START, batch


def same(ids: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return ids


def observed(*batches: LogBatch) -> Observation:
    seen = Observation()
    for each in batches:
        seen.observe(each)
    return seen


def test_every_record_of_the_closed_windows_is_counted() -> None:
    counts = observed(batch("a", "b"), batch("c", level="ERROR")).counts(same)
    assert counts.count.sum() == 3
    assert level_total(counts) == {"ERROR": 1, "NONE": 2}


def test_aliases_of_patterns_are_followed() -> None:
    counts = observed(batch("a", "b")).counts(lambda ids: np.full_like(ids, 7))
    assert set(counts.pattern.tolist()) == {7}


def test_the_span_is_from_the_first_record_to_the_last() -> None:
    seen = observed(batch("a", "b", start=START + timedelta(hours=2)), batch("c"))
    assert seen.span == (START, START + timedelta(hours=2, seconds=1))


def test_nothing_observed_is_no_span_and_no_counts() -> None:
    assert Observation().span == (None, None)
    assert len(Observation().counts(same).time) == 0


def test_slots_become_times() -> None:
    counts = observed(batch("a", start=START + timedelta(minutes=31))).counts(same)
    assert counts.time.tolist() == [int((START + timedelta(minutes=31)).timestamp()) * 1_000_000]
    assert counts.step == 60_000_000


def test_examples_stay_bounded() -> None:
    seen = Observation(keep=4)
    for hour in range(6):
        seen.observe(batch("a", "b", start=START + timedelta(hours=hour)))
    patterns = seen.examples["pattern"].to_pylist()
    assert len(patterns) <= 4
    assert set(patterns) == {1, 2}


def test_unknown_levels_are_missing() -> None:
    assert level_codes(pa.chunked_array([["INFO", None, "LOUD"]])).tolist() == [2, MISSING, MISSING]


def test_a_window_may_come_from_the_store() -> None:
    window = batch("a").closes[0]
    seen = Observation()
    seen.add(Window(window.start.astimezone(UTC), window.end, counts=window.counts, examples=window.examples))
    assert seen.examples.num_rows == 1
