from __future__ import annotations

import asyncio
import json
import logging
from datetime import timedelta

import httpx
import pytest

from elasticsearch_server import documents
from fake_bulk import PRODUCT
from fake_server import FakeServer, no_reply, raw_reply
from sllm_core.plugin import PluginError
from sllm_plugins.elasticsearch.outage import Patience
from sllm_plugins.elasticsearch.sink import FindingsSink
from written_findings import DAY, START, config, finding, outcomes, stored, write


def test_what_does_not_fit_the_mapping_is_stored_as_text(elasticsearch_url: str, index: str) -> None:
    fields = {
        "event": {"properties": {"severity": {"type": "ip"}}},
        "sllm": {"properties": {"facts": {"type": "date"}}},
    }
    httpx.put(f"{elasticsearch_url}/{index}-{DAY}", json={"mappings": {"properties": fields}}, trust_env=False)
    sink = write(elasticsearch_url, index, [finding(0), finding(1)])
    found = documents(elasticsearch_url, f"{index}-{DAY}")
    assert [each["_source"]["sllm"]["reduced"] for each in found] == [True, True]
    assert outcomes(sink)["reduced_documents_total"] == 2


def test_one_finding_that_is_too_much_for_the_mapping_does_not_hold_up_the_others(
    elasticsearch_url: str, index: str
) -> None:
    hostile = [{"x" * 40_000: "y"}, {"\x00": 1}, {"deep": [[[[{"a": {"b": {}}}]]]]}, {"": 1}, {"a..b": 1, ".": 2}]
    findings = [finding(number, facts=facts) for number, facts in enumerate(hostile)]
    sink = write(elasticsearch_url, index, [*findings, finding(99)])
    assert len(stored(elasticsearch_url, index)) == len(findings) + 1
    assert "refused" not in outcomes(sink)


def test_what_is_refused_in_every_form_is_counted_and_told(
    elasticsearch_url: str, index: str, caplog: pytest.LogCaptureFixture
) -> None:
    body = {"mappings": {"dynamic": "strict", "properties": {}}}
    httpx.put(f"{elasticsearch_url}/{index}-{DAY}", json=body, trust_env=False).raise_for_status()
    other = finding(1, window=(START - timedelta(days=1), START))
    sink = write(elasticsearch_url, index, [finding(0), other])
    assert list(stored(elasticsearch_url, index)) == [other.id]
    assert outcomes(sink)["refused"] == 1
    assert [vars(each)["id"] for each in caplog.records if each.levelno == logging.ERROR] == [finding(0).id]


def wrong_then_mended(url: str, index: str, wrong: httpx.Request, right: httpx.Request) -> FindingsSink:
    """The sink, after something was wrong while it wrote a second finding; in its second pause that was mended."""
    sink, pauses = FindingsSink("elasticsearch-sink", config(url, index)), []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            await asyncio.to_thread(send, right)

    async def run() -> None:
        async with sink.connected():
            await sink.write([finding(0)])
            await asyncio.to_thread(send, wrong)
            await sink.write([finding(1)])

    sink.patience = Patience(600, sleep=sleep)
    asyncio.run(run())
    return sink


def send(request: httpx.Request) -> None:
    with httpx.Client(trust_env=False, timeout=60) as client:
        client.send(request).raise_for_status()


@pytest.mark.parametrize("block", ["read_only_allow_delete", "write", "read_only"])
def test_a_blocked_index_is_waited_for(
    elasticsearch_url: str, index: str, block: str, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"{elasticsearch_url}/{index}-{DAY}/_settings"
    changes = [httpx.Request("PUT", url, json={f"index.blocks.{block}": value}) for value in (True, None)]
    sink = wrong_then_mended(elasticsearch_url, index, *changes)
    assert len(stored(elasticsearch_url, index)) == 2 and outcomes(sink)["retries_total"] == 2
    assert [each.message for each in caplog.records] == ["waiting for Elasticsearch", "Elasticsearch is back"]
    told = "free space on the nodes" if block == "read_only_allow_delete" else f"PUT {index}-{DAY}/_settings"
    assert told in vars(caplog.records[0])["reason"]


def test_a_closed_index_is_waited_for(elasticsearch_url: str, index: str, caplog: pytest.LogCaptureFixture) -> None:
    url = f"{elasticsearch_url}/{index}-{DAY}"
    wrong_then_mended(
        elasticsearch_url, index, httpx.Request("POST", f"{url}/_close"), httpx.Request("POST", f"{url}/_open")
    )
    assert len(stored(elasticsearch_url, index)) == 2
    assert f"POST {index}-{DAY}/_open" in vars(caplog.records[0])["reason"]


def test_a_template_that_is_deleted_meanwhile_is_put_again_for_the_next_day(elasticsearch_url: str, index: str) -> None:
    sink = FindingsSink("elasticsearch-sink", config(elasticsearch_url, index))

    async def run() -> None:
        async with sink.connected():
            await sink.write([finding(0)])
            send(httpx.Request("DELETE", f"{elasticsearch_url}/_index_template/{index}"))
            await sink.write([finding(1, window=(START - timedelta(days=1), START))])

    asyncio.run(run())
    assert len(documents(elasticsearch_url, index)) == 2


def test_an_index_with_the_name_of_the_alias_is_told_at_the_start(elasticsearch_url: str, index: str) -> None:
    httpx.put(f"{elasticsearch_url}/{index}", trust_env=False).raise_for_status()
    with pytest.raises(PluginError, match=rf"there is an index {index}.*set another index in \[plugins.elasticsearch"):
        write(elasticsearch_url, index)


def test_a_policy_on_a_server_without_ilm_is_told_at_the_start(elasticsearch_url: str, index: str) -> None:
    with pytest.raises(PluginError, match=r"no ILM; remove ilm_policy .* and set retention"):
        write(elasticsearch_url, index, ilm_policy="ninety-days")


def test_a_template_of_others_for_the_same_names_is_told_at_the_start(elasticsearch_url: str, index: str) -> None:
    other = {"index_patterns": [f"{index}-*"], "priority": 500}
    httpx.put(f"{elasticsearch_url}/_index_template/{index}-mine", json=other, trust_env=False).raise_for_status()
    with pytest.raises(PluginError, match=f"the index template {index} is refused: .*{index}-mine.*; mend it"):
        write(elasticsearch_url, index)


def test_no_server_is_told_at_the_start() -> None:
    with pytest.raises(PluginError, match=r"elasticsearch-sink: http://127.0.0.1:9: nothing listens there"):
        write("http://127.0.0.1:9", "f")


def test_a_server_that_is_silent_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sllm_plugins.elasticsearch.preflight.PATIENCE", 0.3)
    with FakeServer({"/_cluster/health": no_reply}) as server, pytest.raises(PluginError, match="no answer in time"):
        write(server.url, "f")


def test_a_key_that_may_put_no_templates_is_told_what_to_do() -> None:
    refused = {"error": {"type": "security_exception", "reason": "action is unauthorized"}, "status": 403}
    routes = {
        "/_cluster/health": raw_reply(b"{}", 200, **PRODUCT),
        "/f/_alias": raw_reply(b"{}", 404, **PRODUCT),
        "/_index_template/f": raw_reply(json.dumps(refused).encode(), 403, **PRODUCT),
    }
    told = r"manage_index_templates.*`sllm plugin elasticsearch-sink templates`.*install_templates = false"
    with FakeServer(routes) as server, pytest.raises(PluginError, match=told):
        write(server.url, "f")
