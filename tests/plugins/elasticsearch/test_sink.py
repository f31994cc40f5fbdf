from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from elasticsearch_server import documents
from sllm_core.findings import finding_id
from sllm_core.loader import Plugins, load_plugins
from sllm_core.runner import Runner
from sllm_core.settings import SettingsError, settings_from
from sllm_core.store import Store
from sllm_core.testing import context
from sllm_plugins.elasticsearch.sink import FindingsSink
from sllm_plugins.elasticsearch.template_command import template_command
from sllm_plugins.elasticsearch.templates import Template
from written_findings import DAY, HOUR, START, config, finding, outcomes, stored, write


def test_findings_are_documents_of_their_day(elasticsearch_url: str, index: str) -> None:
    early = finding(1, window=(START - timedelta(days=3), START - timedelta(days=3) + HOUR))
    write(elasticsearch_url, index, [finding(0), early])
    found = {each["_id"]: each["_index"] for each in documents(elasticsearch_url, index)}
    assert found == {finding(0).id: f"{index}-{DAY}", early.id: f"{index}-{START - timedelta(days=3):%Y.%m.%d}"}


def test_a_better_verdict_takes_the_place_of_the_first(elasticsearch_url: str, index: str) -> None:
    sink = write(elasticsearch_url, index, [finding(0, 0)], [finding(0, 1)])
    assert stored(elasticsearch_url, index) == {finding(0).id: "revision 1"}
    assert (outcomes(sink)["created"], outcomes(sink)["updated"]) == (1, 1)


def test_an_older_revision_overwrites_nothing(elasticsearch_url: str, index: str) -> None:
    sink = write(elasticsearch_url, index, [finding(0, 2048)], [finding(0, 3)])
    assert stored(elasticsearch_url, index) == {finding(0).id: "revision 2048"}
    assert outcomes(sink)["older"] == 1


def test_what_comes_again_changes_nothing(elasticsearch_url: str, index: str) -> None:
    findings = [finding(number) for number in range(700)]
    write(elasticsearch_url, index, findings, findings[::-1])
    write(elasticsearch_url, index, findings)
    assert len(stored(elasticsearch_url, index)) == 700


revisions = st.lists(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3000)), max_size=8), max_size=5)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(chunks=revisions)
def test_each_document_is_there_once_in_its_newest_revision(
    elasticsearch_url: str, index: str, chunks: list[list[tuple[int, int]]]
) -> None:
    name = f"{index}-{finding_id('', '', '', str(chunks))}"
    write(elasticsearch_url, name, *[[finding(*each) for each in chunk] for chunk in chunks])
    newest: dict[str, int] = {}
    for number, revision in (each for chunk in chunks for each in chunk):
        newest[finding(number).id] = max(revision, newest.get(finding(number).id, 0))
    expected = {identity: f"revision {revision}" for identity, revision in newest.items()}
    assert (stored(elasticsearch_url, name) if expected else {}) == expected


def test_kibana_finds_what_it_filters_by(elasticsearch_url: str, index: str) -> None:
    labelled: dict[str, Any] = {"tags": ("prod",), "labels": {"team": "payments"}}
    shop = finding(
        explanation="DB 연결이 끊겼습니다",
        facts={"services": ["shop"], "errors": 7, "deep": {"kind": "x"}},
        confidence=0.5,
    )
    write(elasticsearch_url, index, [shop, finding(1, label="summary")], **labelled)
    queries = ["message:연결이", "event.kind:alert AND event.risk_score:[20 TO 30]", "sllm.services:shop"]
    queries += [
        "service.name:shop AND labels.team:payments AND tags:prod",
        "event.dataset:sllm.findings AND sllm.part:0",
    ]
    queries += [
        f'sllm.label:warning AND sllm.window.start:"{START.isoformat()}"',
        'sllm.facts.deep.kind:"x"',
        "sllm.figures.errors:[6 TO 8]",
    ]
    with httpx.Client(base_url=elasticsearch_url, trust_env=False, timeout=60) as server:
        server.post(f"/{index}/_refresh")
        for query in queries:
            hits = server.get(f"/{index}/_search", params={"q": query}).json()["hits"]["hits"]
            assert shop.id in [each["_id"] for each in hits], query


@pytest.mark.parametrize(("days", "left"), [(89, 1), (100, 0)])
def test_what_is_outdated_goes_when_the_sink_starts(elasticsearch_url: str, index: str, days: int, left: int) -> None:
    write(elasticsearch_url, index, [finding(0)])
    later = FindingsSink("sink", config(elasticsearch_url, index), lambda: datetime.now(UTC) + timedelta(days=days))

    async def start() -> None:
        async with later.connected():
            pass

    asyncio.run(start())
    assert len(documents(elasticsearch_url, f"{index}-*")) == left


def test_a_run_that_is_repeated_leaves_each_finding_and_label_once(
    elasticsearch_url: str, index: str, tmp_path: Path
) -> None:
    log = tmp_path / "app.log"
    log.write_text("".join(f"{START:%Y-%m-%d %H}:00:{second:02} ERROR job {second} failed\n" for second in range(60)))
    sink = {"url": elasticsearch_url, "index": index, "labels_index": f"{index}.labels", "annotate": True}
    tables = {"file": {"path": str(log)}, "sentiment": {}, "anomaly": {}, "elasticsearch-sink": sink}
    runs = [Runner(settings_from({"plugins": tables}), Store()) for _ in range(2)]
    assert [asyncio.run(each.run()).run.records for each in runs] == [60, 60]
    findings = documents(elasticsearch_url, index)
    assert sorted(each["_source"]["sllm"]["analyzer"] for each in findings) == ["anomaly", "anomaly", "sentiment"]
    assert len(documents(elasticsearch_url, f"{index}.labels")) == 60


def test_the_command_prints_what_the_server_takes(elasticsearch_url: str, index: str) -> None:
    command = template_command(config(elasticsearch_url, index, annotate=True))
    lines = CliRunner().invoke(command).output.strip().split("\n\n")
    assert [each.split("\n")[0] for each in lines] == [
        f"PUT _index_template/{index}",
        f"PUT _index_template/{index}.labels",
    ]
    assert json.loads(lines[0].split("\n", 1)[1]) == Template("findings", index).body


def load(tmp_path: Path, **options: object) -> Plugins:
    table = {"plugins": {"elasticsearch-sink": options}}
    return load_plugins(settings_from(table, environ={}, folder=tmp_path))


def test_the_plugin_gives_one_sink(tmp_path: Path) -> None:
    plugins = load(tmp_path)
    assembly = plugins.collect(context())
    assert [each.name for each in assembly.sinks] == ["elasticsearch-sink"] and len(assembly.lifespans) == 1
    assert [each.name for each in plugins.commands()["elasticsearch-sink"]] == ["templates"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"index": "Findings"}, "small letters"),
        ({"index": "sllm", "labels_index": "sllm-labels"}, "name them apart"),
        ({"retention": "1h"}, "greater than or equal to 1d"),
        ({"url": "localhost:9200"}, "http://localhost:9200"),
    ],
)
def test_a_mistake_in_the_section_is_told(tmp_path: Path, options: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        load(tmp_path, **options)


@pytest.mark.parametrize("off", ["", "off"])
def test_retention_can_be_switched_off(off: str) -> None:
    assert config("http://localhost", "f", retention=off).retention is None
