from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticsearch_server import documents
from sllm_core.components import Annotating, Context
from sllm_core.records import TIMESTAMP, LogBatch, Places, records_table
from sllm_core.testing import context
from sllm_plugins.elasticsearch.labels import label_operations
from sllm_plugins.elasticsearch.sink import AnnotatingSink, FindingsSink
from written_findings import config

TIME = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def within() -> Context:
    return context()


def batch(within: Context, **columns: list[Any]) -> LogBatch:
    """Records in the window from 10 to 11 o'clock, of messages unless there are others."""
    rows = len(next(iter(columns.values())))
    about = {"message": ["connection refused"] * rows, "timestamp": [TIME] * rows, **columns}
    about = {"origin": [f"logs-3-{number}#0" for number in range(rows)], **about}
    table = records_table(about, rows)
    patterns = pa.array(within.patterns.assign("kafka", table["message"]))
    window = pa.array([TIME.replace(minute=0)] * rows, TIMESTAMP)
    table = table.append_column("pattern", patterns).append_column("window", window)
    return LogBatch("kafka", "logs-3", table)


def labels(given_: LogBatch, within: Context) -> list[dict[str, Any]]:
    """The labels as documents, with `_id` and `_index`."""
    found = []
    for operation in label_operations(given_, within, "l"):
        action, document = map(json.loads, operation.lines.splitlines())
        assert action["index"] == {"_index": operation.place, "_id": operation.id}
        found.append(document | action["index"])
    return found


def test_a_record_is_labelled_with_what_is_known_of_it(within: Context) -> None:
    (label,) = labels(batch(within, message=["user 7 gone"], level=["ERROR"], service=["shop"], host=["h1"]), within)
    ours = label.pop("sllm")
    assert label.pop("_id") and label.pop("ecs")
    assert label == {
        "@timestamp": "2026-11-22T10:30:00.000000Z",
        "_index": "l-2026.11.22",
        "service": {"name": "shop"},
        "host": {"name": "h1"},
        "event": {"kind": "enrichment", "module": "sllm", "dataset": "sllm.labels"},
        "log": {"level": "error"},
    }
    assert ours["pattern"]["template"] == "user <*> gone" and len(ours["pattern"]["id"]) == 16
    assert ours["sentiment"] in ("positive", "neutral", "negative") and 0 <= ours["problem"] <= 1
    assert ours["origin"] == "logs-3-0#0"


def test_verdicts_are_those_of_the_pattern_at_the_level(within: Context) -> None:
    given_ = batch(within, message=["a", "OutOfMemoryError"], level=[None, "FATAL"])
    verdicts = within.verdicts.judge(given_.records["pattern"].to_numpy(), [None, "FATAL"])
    assert [each["sllm"]["sentiment"] for each in labels(given_, within)] == verdicts.sentiment_labels.tolist()
    assert [each["sllm"]["label"] for each in labels(given_, within)] == verdicts.severity_labels.tolist()


def test_records_of_kafka_name_topic_partition_and_offset(within: Context) -> None:
    given_ = batch(within, origin=["my-logs-12-700#0", "my-logs-12-700#1", "odd"])
    given_ = replace(given_, shard="my-logs-12")
    sources = [each["sllm"]["source"] for each in labels(given_, within)]
    place = {"name": "kafka", "shard": "my-logs-12", "topic": "my-logs", "partition": 12}
    assert sources == [place | {"offset": 700}, place | {"offset": 700}, place]


def test_records_of_elasticsearch_name_index_and_id(within: Context) -> None:
    given_ = replace(batch(within, origin=["logs-2026.11.22/a/b"]), places=Places(np.array([7]), 8))
    (label,) = labels(given_, within)
    assert (label["sllm"]["source"]["index"], label["sllm"]["source"]["id"]) == ("logs-2026.11.22", "a/b")


def test_records_of_files_have_no_such_names(within: Context) -> None:
    given_ = replace(batch(within, origin=["var/log/a.log@17"]), shard="var/log/a.log")
    assert labels(given_, within)[0]["sllm"]["source"] == {"name": "kafka", "shard": "var/log/a.log"}


def test_a_record_that_is_read_again_has_the_same_identity_and_another_source_another(within: Context) -> None:
    one = batch(within, message=["a", "b"])
    first, again, other = (
        [each["_id"] for each in labels(given_, within)] for given_ in (one, one, replace(one, source="else"))
    )
    assert first == again and len({*first, *other}) == 4


def test_each_label_is_kept_on_the_day_of_its_record(within: Context) -> None:
    times = [TIME, TIME - timedelta(days=1), None]
    assert [each["_index"] for each in labels(batch(within, timestamp=times), within)] == [
        "l-2026.11.22",
        "l-2026.11.21",
        "l-2026.11.22",
    ]


@pytest.mark.parametrize("year", [-290_000, 1, 1970, 2099, 9999, 290_000])
def test_a_time_far_away_makes_no_index_of_its_own(within: Context, year: int) -> None:
    far = pa.array([(2 * (year - 1970) + 1) * 15_778_476_000_000], pa.int64()).cast(TIMESTAMP)
    (label,) = labels(batch(within, timestamp=far), within)
    assert label["_index"] == "l-2026.11.22"
    assert label["@timestamp"][:4] == (f"{year:04}" if 1 <= year <= 9999 else "2026")


@given(st.text(), st.text(min_size=1), st.text())
def test_any_text_is_written_as_json(service: str, origin: str, message: str) -> None:
    within = context()
    (label,) = labels(batch(within, origin=[origin], service=[service], message=[message]), within)
    assert (label["sllm"]["origin"], label["service"]["name"]) == (origin, service)


def test_the_mapping_knows_every_field(within: Context) -> None:
    text = files("sllm_plugins.elasticsearch").joinpath("labels_template.json").read_text()
    mapped = json.loads(text)["mappings"]["properties"]
    (label,) = labels(batch(within, origin=["a/b"], level=["INFO"], service=["s"], host=["h"]), within)
    ours = mapped["sllm"]["properties"]
    assert set(label) - {"_id", "_index"} <= set(mapped)
    assert set(label["sllm"]) <= set(ours) and set(label["sllm"]["source"]) <= set(ours["source"]["properties"])


def test_only_who_wants_labels_gets_them(within: Context) -> None:
    section = config("http://localhost:9200", "f")
    assert isinstance(AnnotatingSink("sink", section, within), Annotating)
    assert not isinstance(FindingsSink("sink", section), Annotating)


def test_labels_are_stored_once(elasticsearch_url: str, index: str, within: Context) -> None:
    sink = AnnotatingSink("sink", config(elasticsearch_url, index, annotate=True), within)
    given_ = batch(within, message=[f"job {number} done" for number in range(7000)])

    async def run() -> None:
        async with sink.connected():
            await sink.annotate(given_)
            await sink.annotate(given_)

    asyncio.run(run())
    found = documents(elasticsearch_url, f"{index}.labels")
    assert len(found) == 7000 and {each["_index"] for each in found} == {f"{index}.labels-2026.11.22"}
    assert (sink.labels.created, sink.labels.updated, sink.labels.reduced) == (7000, 7000, 0)
