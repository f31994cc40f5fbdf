from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from sllm_core.findings import Finding
from sllm_core.records import COUNTS, EXAMPLES, Window
from sllm_core.store import Commit, Store
from sllm_core.store.progress import Progress

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def window(place: int, pattern: int, count: int) -> Window:
    start = START + place * HOUR
    row = {"slot": [30], "service": ["shop"], "level": ["ERROR"], "pattern": [pattern], "count": [count]}
    example = {"pattern": [pattern], "origin": [f"log@{place}"], "timestamp": [start], "message": ["it failed"]}
    counts = pa.table({name: pa.array(row[name], pa.uint64() if name == "pattern" else None) for name in COUNTS.names})
    examples = pa.table([pa.array(example[each.name], each.type) for each in EXAMPLES], schema=EXAMPLES)
    return Window(start, start + HOUR, 0, counts.cast(COUNTS), examples)


def finding(place: int, analyzer: str, facts: Mapping[str, object], label: str = "normal") -> Finding:
    start = START + place * HOUR
    span = (start, start + HOUR)
    return Finding(id=f"{analyzer}{place}", analyzer=analyzer, label=label, source="file", window=span, facts=facts)


@pytest.fixture
def store() -> Iterator[Store]:
    """Three hours of one pattern, with what analyzers said of them."""
    with Store() as made:
        pattern = int(made.patterns.assign("file", pa.array(["it failed"]))[0])
        moods = {"positive": 1, "neutral": 2, "negative": 3, "levels": {"ERROR": {"negative": 3}}}
        for place in range(3):
            said = [finding(place, "sentiment", moods), finding(place, "anomaly", {}, "warning" if place else "normal")]
            made.commit(Commit("run", "file", "log", [window(place, pattern, place + 1)], said, Progress(), ()))
        yield made


def test_the_span_of_a_source_ends_with_its_last_window(store: Store) -> None:
    (span,) = store.views.spans()
    assert (span.source, span.first, span.end, span.windows) == ("file", START, START + 3 * HOUR, 3)


def test_findings_come_by_time_and_label(store: Store) -> None:
    found = store.views.findings("anomaly", START, START + 3 * HOUR, labels=("warning",))
    assert [each.id for each in found] == ["anomaly2", "anomaly1"]


def test_a_source_that_is_none_has_nothing(store: Store) -> None:
    end = START + 9 * HOUR
    assert store.views.findings("anomaly", START, end, source="none") == []
    assert store.views.moods(START, end, "none") == []


def test_moods_have_levels_and_what_has_none(store: Store) -> None:
    (first, *_) = found = store.views.moods(START, START + 9 * HOUR)
    assert len(found) == 3 and first.levels == {"ERROR": 3, "NONE": 3}
    assert first.sentiments == {"positive": 1, "neutral": 2, "negative": 3}


def test_moods_are_read_in_steps_without_a_gap(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sllm_core.store.views.STEP", 1)
    assert [each.start for each in store.views.moods(START, START + 9 * HOUR)] == [START + n * HOUR for n in range(3)]


def test_windows_come_latest_first_and_bounded(store: Store) -> None:
    found = store.views.windows("file", START, START + 9 * HOUR, 2)
    assert [each.totals.tolist() for each in found] == [[3], [2]]


def test_counts_come_without_examples(store: Store) -> None:
    (found,) = store.views.counted("file", START, START + HOUR)
    assert found.counts["count"].to_pylist() == [1] and found.examples.num_rows == 0


def test_examples_of_a_pattern_come_latest_first(store: Store) -> None:
    pattern = int(store.views.sightings().pattern[0])
    assert [origin for _, origin, _ in store.views.examples(pattern, "file", 2)] == ["log@2", "log@1"]


def test_sightings_are_columns(store: Store) -> None:
    seen = store.views.sightings()
    assert (seen.count.tolist(), seen.sources, seen.source.tolist()) == ([6], ("file",), [0])


def test_an_empty_store_has_nothing_to_see() -> None:
    with Store() as made:
        assert made.views.spans() == [] and len(made.views.sightings().pattern) == 0
        assert made.views.starts("summary", START, "", 5) == []


def test_the_nearest_windows_are_offered(store: Store) -> None:
    assert store.views.starts("anomaly", START + HOUR, "", 2)[-1] in (START, START + HOUR)
    assert np.all(np.diff([each.timestamp() for each in store.views.starts("anomaly", START, "", 9)]) < 0)
