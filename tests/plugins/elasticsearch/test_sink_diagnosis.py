from __future__ import annotations

import asyncio
import json

import httpx

from elasticsearch_server import documents
from fake_bulk import PRODUCT
from fake_server import FakeServer, raw_reply
from sllm_plugins.elasticsearch.sink import FindingsSink
from written_findings import DAY, START, config, finding, write


def test_what_is_told_of_the_server(elasticsearch_url: str, index: str) -> None:
    sink = write(elasticsearch_url, index, [finding(0)])
    documents(elasticsearch_url, index)
    told = asyncio.run(sink.diagnose())
    facts = dict(told.facts)
    assert (told.problem, told.address) == ("", elasticsearch_url)
    assert facts["server"].startswith("Elasticsearch ") and facts[f"template {index}"] == "there, version 1"
    assert facts["findings"].startswith("1 documents in 1 index")
    assert facts["findings"].endswith(f"the newest of {START:%Y-%m-%dT%H}:00:00.000Z")


def test_a_blocked_index_and_a_template_that_rules_ours_are_problems(elasticsearch_url: str, index: str) -> None:
    sink = write(elasticsearch_url, index, [finding(0)])
    other = {"index_patterns": [f"{index}*"], "priority": 501}
    with httpx.Client(base_url=elasticsearch_url, trust_env=False, timeout=60) as server:
        server.put(f"/{index}-{DAY}/_settings", json={"index.blocks.write": True}).raise_for_status()
        server.put(f"/_index_template/{index}-mine", json=other).raise_for_status()
    told = asyncio.run(sink.diagnose())
    assert f"{index}-{DAY} takes no documents: index.blocks.write" in told.problem
    assert "another template goes before sllm's" in told.problem
    assert len(told.remedies) == 2


def test_what_is_told_of_no_server() -> None:
    told = asyncio.run(FindingsSink("sink", config("http://127.0.0.1:9", "f")).diagnose())
    assert "nothing listens there" in told.problem


def test_a_right_that_is_lacking_is_a_problem() -> None:
    given_ = {"cluster": {"manage_index_templates": True}, "index": {"f-*": {"index": True, "create_index": False}}}
    routes = {
        "/_cluster/health": raw_reply(b'{"status": "red", "number_of_nodes": 3}', 200, **PRODUCT),
        "/_security/user/_has_privileges": raw_reply(json.dumps(given_).encode(), 200, **PRODUCT),
    }
    with FakeServer(routes) as server:
        told = asyncio.run(FindingsSink("sink", config(server.url, "f")).diagnose())
    assert dict(told.facts)["rights"] == "lacking: create_index"
    assert told.problem == "the cluster is red; a right is lacking"
    assert told.remedies[1] == "give the key or user create_index for f-*"
