from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from read_documents import START, document, keep, messages, moment, origins, put, read, source

from elasticsearch_server import delete_indices
from sllm_core.components import Context
from sllm_core.plugin import PluginError
from sllm_core.records import LogBatch
from sllm_core.testing import context
from sllm_plugins.elasticsearch.source import ElasticsearchSource

MINUTE = 60_000
TIMES = [START + each * MINUTE for each in (0, 0, 0, 0, 0, 1, 1, 2, 3, 3, 3, 7, 20, 20, 60, 61, 62, 300, 300, 301)]
"""Times of documents, among them equal ones, and a gap of hours."""

sizes = st.integers(1, 7)
options = st.fixed_dictionaries(
    {
        "page": sizes,
        "slices": st.integers(1, 4),
        "window": st.sampled_from(["1m", "90s", "7m", "1h", "3d"]),
        "size": sizes,
    }
)


@pytest.fixture(scope="module")
def logs(elasticsearch_url: str) -> Iterator[str]:
    """An index of three shards with documents at TIMES, which nobody changes."""
    index = f"sllm-test-{uuid.uuid4().hex}"
    put(elasticsearch_url, index, [document(number, when) for number, when in enumerate(TIMES)], shards=3)
    yield index
    delete_indices(elasticsearch_url, index)


def made(url: str, index: str, chosen: dict[str, Any], within: Context | None = None) -> ElasticsearchSource:
    return source(url, index, within, **chosen)


def times(batches: list[LogBatch]) -> list[int]:
    """The times of the records, in milliseconds since 1970."""
    return [each // 1000 for batch in batches for each in batch.records["timestamp"].cast("int64").to_pylist()]


@settings(max_examples=20)
@given(options)
def test_each_document_comes_once_and_in_the_order_of_time(
    elasticsearch_url: str, logs: str, chosen: dict[str, Any]
) -> None:
    batches = read(made(elasticsearch_url, logs, chosen))
    assert sorted(origins(batches)) == sorted(f"{logs}/{number}" for number in range(len(TIMES)))
    assert times(batches) == TIMES


@settings(max_examples=20)
@given(options, options, st.integers(1, 20))
def test_who_goes_on_behind_any_batch_gets_the_rest_once(
    elasticsearch_url: str, logs: str, before: dict[str, Any], after: dict[str, Any], stop: int
) -> None:
    within = context()
    first = read(made(elasticsearch_url, logs, before, within=within), batches=stop)
    keep(within, first)
    rest = read(made(elasticsearch_url, logs, after, within=within))
    assert sorted(origins(first) + origins(rest)) == sorted(f"{logs}/{number}" for number in range(len(TIMES)))
    assert times(first) + times(rest) == TIMES


@settings(max_examples=10)
@given(options, options)
def test_a_document_has_the_same_place_in_every_run(
    elasticsearch_url: str, logs: str, one: dict[str, Any], other: dict[str, Any]
) -> None:
    found = []
    for chosen in (one, other):
        batches = read(made(elasticsearch_url, logs, chosen))
        places = np.concatenate([each.places.each for each in batches if each.places is not None])
        found.append(dict(zip(origins(batches), places.tolist(), strict=True)))
    assert found[0] == found[1] and len(set(found[0].values())) == len(TIMES)


def test_a_source_that_is_read_to_its_end_has_nothing_more(elasticsearch_url: str, logs: str) -> None:
    within = context()
    keep(within, read(source(elasticsearch_url, logs, within)))
    again = read(source(elasticsearch_url, logs, within))
    assert messages(again) == []


def test_what_came_since_is_read_by_the_next_run(elasticsearch_url: str, index: str) -> None:
    within, now = context(), int(datetime.now(UTC).timestamp() * 1000)
    put(elasticsearch_url, f"{index}-1", [document(0)])
    keep(within, read(source(elasticsearch_url, f"{index}-*", within, since="2024-03-04", lag="1h")))
    put(elasticsearch_url, f"{index}-2", [document(1, now)])
    assert messages(read(source(elasticsearch_url, f"{index}-*", within))) == ["line 1"]


def test_the_first_batch_says_where_it_begins(elasticsearch_url: str, logs: str) -> None:
    begin = read(source(elasticsearch_url, logs))[0]
    assert (len(begin), begin.cursor, begin.shard) == (0, {"time": moment(START), "given": 0}, logs)


def test_a_range_is_read(elasticsearch_url: str, logs: str) -> None:
    batches = read(source(elasticsearch_url, logs, since="2024-03-04T01:01:00Z", until="2024-03-04T01:03:00Z"))
    assert times(batches) == [START + MINUTE, START + MINUTE, START + 2 * MINUTE]
    assert batches[0].shard == f"{logs}@2024-03-04T01:01:00.000Z/2024-03-04T01:03:00.000Z"


def test_a_day_is_read_once_by_itself(elasticsearch_url: str, logs: str) -> None:
    within = context()
    batches = read(source(elasticsearch_url, logs, within, day="2024-03-04"))
    keep(within, batches)
    assert (len(messages(batches)), batches[0].shard) == (len(TIMES), f"{logs}@2024-03-04")
    assert messages(read(source(elasticsearch_url, logs, within, day="2024-03-04"))) == []
    assert len(messages(read(source(elasticsearch_url, logs, within)))) == len(TIMES)


@pytest.mark.parametrize("query", ["message:7", {"match": {"message": "7"}}])
def test_a_query_chooses(elasticsearch_url: str, logs: str, query: object) -> None:
    batches = read(source(elasticsearch_url, logs, query=query))
    assert messages(batches) == ["line 7"] and batches[0].shard.startswith(f"{logs}?")


def test_several_indices_and_aliases_are_read_as_one(elasticsearch_url: str, index: str) -> None:
    put(elasticsearch_url, f"{index}-1", [document(0, START), document(2, START + 2)])
    put(elasticsearch_url, f"{index}-2", [document(1, START + 1), document(3, START + 3)])
    assert messages(read(source(elasticsearch_url, f"{index}-*"))) == [f"line {number}" for number in range(4)]


def test_nanoseconds_and_milliseconds_come_in_one_order(elasticsearch_url: str, index: str) -> None:
    put(elasticsearch_url, f"{index}-1", [document(0, START), document(2, START + 2)])
    fine = {"@timestamp": "2024-03-04T01:00:00.001456789Z", "message": "line 1"}
    put(elasticsearch_url, f"{index}-2", [fine, document(3, START + 3)], kind="date_nanos")
    batches = read(source(elasticsearch_url, f"{index}-*", page=1))
    assert messages(batches) == [f"line {number}" for number in range(4)]
    assert batches[1].records["timestamp"][1].value == START * 1000 + 1456


def test_a_document_of_several_times_comes_once(elasticsearch_url: str, index: str) -> None:
    several = {"@timestamp": [moment(START + 5 * MINUTE), moment(START)], "message": "line 0"}
    put(elasticsearch_url, index, [several, document(1, START + 2 * MINUTE)])
    assert messages(read(source(elasticsearch_url, index, window="1m"))) == ["line 0", "line 1"]


def test_documents_without_time_are_told(elasticsearch_url: str, index: str) -> None:
    put(elasticsearch_url, index, [document(0), {"message": "timeless"}])
    made = source(elasticsearch_url, index)
    assert messages(read(made)) == ["line 0"]
    assert made.progress().warnings == ("elasticsearch: 1 documents have no @timestamp and were left out",)


def test_another_field_may_hold_the_time(elasticsearch_url: str, index: str) -> None:
    put(elasticsearch_url, index, [{"when": moment(START), "message": "line 0"}])
    assert times(read(source(elasticsearch_url, index, time="when"))) == [START]


def test_nothing_at_all_is_an_end(elasticsearch_url: str, index: str) -> None:
    put(elasticsearch_url, index, [])
    assert messages(read(source(elasticsearch_url, index))) == []


def test_what_it_has_done_is_told(elasticsearch_url: str, logs: str) -> None:
    made = source(elasticsearch_url, logs)
    read(made)
    assert {each.name: each.value for each in made.metrics()}["elasticsearch_documents_total"] == len(TIMES)
    assert made.progress().done == made.progress().total > 0


def complaint(url: str, index: str, **options: object) -> str:
    with pytest.raises(PluginError) as caught:
        read(made(url, index, dict(options)))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_missing_index_is_told_with_similar_ones(elasticsearch_url: str, logs: str) -> None:
    told = complaint(elasticsearch_url, f"{logs}x")
    assert f"there is no index {logs}x; did you mean {logs}?; correct index in [plugins.elasticsearch]" in told
    assert f"did you mean {logs}?" in complaint(elasticsearch_url, f"{logs[:-3]}-*")


def test_one_missing_name_among_several_is_told(elasticsearch_url: str, logs: str) -> None:
    assert f"there is no index {logs}-2" in complaint(elasticsearch_url, f"{logs},{logs}-2")


def test_a_field_that_is_no_time_is_told(elasticsearch_url: str, index: str) -> None:
    put(elasticsearch_url, index, [document(0)], kind="keyword")
    assert f"@timestamp is a keyword in {index}, but ranges of time need a date" in complaint(elasticsearch_url, index)


def test_a_field_that_is_not_there_is_told(elasticsearch_url: str, logs: str) -> None:
    assert f"{logs} has no field when; set time" in complaint(elasticsearch_url, logs, time="when")


def test_a_query_that_cannot_be_read_is_told(elasticsearch_url: str, logs: str) -> None:
    assert "the query is refused: Cannot parse 'a:('" in complaint(elasticsearch_url, logs, query="a:(")
    assert "the query is refused: unknown query [mtach]" in complaint(elasticsearch_url, logs, query={"mtach": {}})
