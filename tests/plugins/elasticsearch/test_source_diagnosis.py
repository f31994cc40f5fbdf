from __future__ import annotations

import asyncio
import time

import pytest
from read_documents import START, document, put, source

from fake_elasticsearch import Answer, FakeElasticsearch, error, failing
from sllm_core.diagnosis import Connected, Diagnosis
from sllm_core.loader import load_plugins
from sllm_core.settings import settings_from
from sllm_core.testing import context
from sllm_plugins.elasticsearch.source import ElasticsearchSource


def diagnosis(url: str, index: str) -> Diagnosis:
    return asyncio.run(source(url, index).diagnose())


def test_a_source_tells_how_it_stands(elasticsearch_url: str, index: str) -> None:
    put(elasticsearch_url, index, [document(0), document(1, int(time.time() * 1000))])
    found = diagnosis(elasticsearch_url, index)
    facts = dict(found.facts)
    assert (found.problem, found.address) == ("", elasticsearch_url)
    assert facts["version"].startswith("Elasticsearch 9") and facts["documents"].startswith("2 with a time")
    assert facts["newest"].endswith("s old") and facts["indices"] == index and facts["time"] == "@timestamp (date)"


def test_a_problem_has_its_remedy(elasticsearch_url: str, index: str) -> None:
    found = diagnosis(elasticsearch_url, index)
    assert found.problem == f"there is no index {index}" or found.problem.startswith("there is no index")
    assert found.remedies


def test_an_index_without_documents_is_told(elasticsearch_url: str, index: str) -> None:
    put(elasticsearch_url, index, [])
    assert diagnosis(elasticsearch_url, index).problem == "no document matches"


def test_what_a_key_may_not_know_is_left_out() -> None:
    with FakeElasticsearch([(START, {"message": "x"})]) as server:
        forbidden = error(403, "security_exception", "not for you")
        server.faults.append(failing("/_nodes", *[forbidden] * 5))
        server.faults.append(failing("/_cluster/health", *[forbidden] * 5))
        found = diagnosis(server.url, "logs")
    assert dict(found.facts)["version"] == dict(found.facts)["health"] == "not allowed" and not found.problem


def test_shards_that_are_not_there_are_told() -> None:
    red = Answer(200, {"status": "red", "number_of_nodes": 2, "unassigned_shards": 3})
    with FakeElasticsearch([(START, {"message": "x"})]) as server:
        server.faults.append(failing("/_cluster/health", *[red] * 5))
        found = diagnosis(server.url, "logs")
    assert dict(found.facts)["health"] == "red, 2 nodes, 3 shards unassigned"
    assert "allocation/explain" in found.remedies[0]


@pytest.mark.parametrize("ahead", [-3600, 3600])
def test_clocks_that_differ_are_told(ahead: int) -> None:
    with FakeElasticsearch([(START, {"message": "x"})], epoch=lambda: time.time() + ahead) as server:
        found = diagnosis(server.url, "logs")
    assert dict(found.facts)["clock"].startswith(f"{ahead:+d}"[:2]) and "NTP" in found.remedies[0]


def test_documents_of_the_future_are_told(elasticsearch_url: str, index: str) -> None:
    put(elasticsearch_url, index, [document(0, int(time.time() * 1000) + 9 * 3_600_000)])
    found = diagnosis(elasticsearch_url, index)
    assert dict(found.facts)["newest"].startswith("-9 h") and "time zone" in found.remedies[0]


def test_the_plugin_gives_one_source_by_the_usual_names() -> None:
    environ = {"ELASTICSEARCH_HOST": "elastic.example", "ELASTICSEARCH_PORT": "9201"}
    settings = settings_from({"plugins": {"elasticsearch": {"day": "yesterday"}}}, environ=environ)
    assembly = load_plugins(settings).collect(context())
    (made,) = assembly.sources
    assert isinstance(made, ElasticsearchSource) and isinstance(made, Connected) and len(assembly.lifespans) == 1
    assert made.config.address == "http://elastic.example:9201"
