"""What the benchmarks of streams and faults send is what they say, and figures are told as they are."""

from __future__ import annotations

import asyncio
import importlib
import json
from itertools import islice
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pyarrow as pa
import pytest

from sllm_core.records import LogBatch

ROOT = Path(__file__).parents[1]


def module(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    if not (ROOT / "benchmarks" / f"{name}.py").exists():
        pytest.skip("the benchmarks are not here: run the tests in a checkout")
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module(name)


@pytest.fixture
def topics(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return module("stream_topics", monkeypatch)


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return module("stream_tasks", monkeypatch)


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return module("stream_workers", monkeypatch)


@pytest.mark.parametrize(("form", "messages"), [("objects", 250), ("envelopes", 3), ("lines", 250)])
def test_each_form_has_all_records(topics: ModuleType, tasks: ModuleType, form: str, messages: int) -> None:
    payloads = list(topics.FORMS[form](topics.templates_of([]), 250))
    assert len(payloads) == messages
    assert sum(map(tasks.DECODE[form], payloads)) == 250


def test_forms_tell_the_same_records(topics: ModuleType) -> None:
    templates = topics.templates_of([])
    single = [json.loads(each) for each in topics.objects(templates, 150)]
    first, second = [json.loads(each) for each in topics.envelopes(templates, 150)]
    assert [*first["data"], *second["data"]] == single
    assert (first["count"], second["count"]) == (100, 50)


def test_times_of_messages_ascend(topics: ModuleType) -> None:
    times = [json.loads(each)["@timestamp"] for each in topics.objects(topics.templates_of([]), 60)]
    assert times == sorted(times)
    assert (times[0], times[-1]) == ("2026-11-20T09:00:00.000Z", "2026-11-20T14:54:00.000Z")


def test_a_flood_has_envelopes_whose_times_ascend(topics: ModuleType) -> None:
    found = [json.loads(each) for each in islice(topics.flood(topics.templates_of([])), 2500)]
    times = [each["timestamp"] for each in found]
    assert times == sorted(set(times))
    assert {each["count"] for each in found} == {len(each["data"]) for each in found} == {100}
    assert found[0]["data"] == found[2000]["data"] != found[1]["data"]


def test_the_clock_starts_when_the_first_part_has_come(tasks: ModuleType) -> None:
    clock = tasks.Clock(100)
    for records in (5, 7, 88):
        clock.add(records)
    figures = clock.stop()
    assert (figures["all"], figures["records"]) == (100, 88)
    assert figures["seconds"] >= 0
    assert [records for _, records, _ in clock.seen] == [5, 12, 100]


def batch(shard: str, *offsets: int) -> LogBatch:
    return LogBatch("kafka", shard, pa.table({"origin": [f"logs-2-{each}#0" for each in offsets]}))


def test_records_out_of_order_are_counted(tasks: ModuleType) -> None:
    order = tasks.Order()
    for each in (batch("a", 1, 2, 2, 9), batch("b", 3), batch("a", 10), batch("a"), batch("a", 9, 11)):
        order.watch(each)
    assert order.broken == 1


def test_workers_are_compared_while_all_of_them_read(workers: ModuleType) -> None:
    one = [(0.0, 10, 1.0), (10.0, 110, 1.0), (20.0, 210, 1.0)]
    two = [(10.0, 5, 1.0), (18.0, 85, 1.0)]
    assert workers.together([one, two]) == pytest.approx((80 + 0) / 8)
    assert workers.wall([one, two]) == 20
    assert workers.together([one, []]) == 0


def test_findings_that_differ_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    findings = module("stream_findings", monkeypatch)
    first = {"a": {"analyzer": "summary", "label": "summary", "count": 3}, "b": {"analyzer": "anomaly", "count": 1}}
    assert list(findings.differences(first, first)) == []
    second = {"a": {**first["a"], "count": 4}, "c": first["b"]}
    told = list(findings.differences(first, second))
    assert told == ["anomaly: 1 are missing", "anomaly: 1 are new", "summary: count differs in 1"]


def test_what_is_asked_for_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    streams = module("streams", monkeypatch)
    assert streams.row("lines", 100_000, 61_000).split() == ["lines", "100,000", "61,000", "61%", "ok", "ok"]
    assert streams.row("lines", 80_000, 40_000).count("not reached") == 2


def test_servers_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    streams = module("streams", monkeypatch)
    with pytest.raises(ValueError, match="set KAFKA_BOOTSTRAP_SERVERS"):
        streams.servers({"ELASTICSEARCH_HOST": "localhost"})
    place = streams.servers({"ELASTICSEARCH_HOST": "es", "KAFKA_BOOTSTRAP_SERVERS": "k:1", "ELASTICSEARCH_PORT": "2"})
    assert (place.kafka, place.elasticsearch) == ("k:1", "http://es:2")


def test_faults_are_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    faults = module("faults", monkeypatch)
    common = {"records": 10, "lost": 0}
    outcomes = [
        {"fault": "b", "doubled": 0, "seconds": 2.0, **common},
        {"fault": "a", "doubled": 1, "seconds": 9.0, **common},
        {"fault": "b", "doubled": 0, "seconds": 4.0, **common},
    ]
    assert list(faults.table(outcomes))[2:] == [
        "| b | 2 | 20 | 0 | 0 | 3.0 (at most 4.0) |",
        "| a | 1 | 10 | 0 | 1 | 9.0 (at most 9.0) |",
    ]


def test_libraries_have_steps_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    sampling = module("sampling", monkeypatch)

    def inside(outer: object, *files: str) -> object:
        for file in files:
            outer = SimpleNamespace(f_code=SimpleNamespace(co_filename=file), f_back=outer)
        return outer

    library = inside(None, "lib/asyncio/events.py", "site-packages/aiokafka/fetcher.py", "lib/json/decoder.py")
    assert sampling.step_of(library) == "aiokafka"
    assert sampling.step_of(inside(library, "x/plugins/kafka/source.py", "lib/json/decoder.py")) == "Kafka source"


def test_a_bare_loop_counts_what_it_decodes(
    tasks: ModuleType, monkeypatch: pytest.MonkeyPatch, kafka_servers: str, topic: str
) -> None:
    topics = module("stream_topics", monkeypatch)
    templates = topics.templates_of([])
    asyncio.run(topics.fill(kafka_servers, topic, topics.envelopes(templates, 950), 4))
    task = tasks.Task(kafka_servers, topic, f"{topic}-bare", "envelopes", 4, 950)
    assert asyncio.run(tasks.bare(task))["all"] == 950
    last = asyncio.run(topics.ends(kafka_servers, topic, 4))
    assert asyncio.run(topics.committed(kafka_servers, task.group)) == last
    assert sum(last.values()) == 10


def test_sllm_reads_to_the_end_and_acknowledges_all(
    monkeypatch: pytest.MonkeyPatch, kafka_servers: str, elasticsearch_url: str, topic: str, index: str
) -> None:
    topics, streams = module("stream_topics", monkeypatch), module("streams", monkeypatch)
    asyncio.run(topics.fill(kafka_servers, topic, topics.lines(topics.templates_of([]), 300), 4))
    task = streams.Task(kafka_servers, topic, topic, "lines", 4, 300, elasticsearch_url, index, shares=True)
    figures = streams.run("sllm", task)
    assert (figures["all"], figures["broken"]) == (300, 0)
