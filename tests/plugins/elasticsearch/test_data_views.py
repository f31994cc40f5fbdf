from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from read_documents import START, config, messages, read

from fake_elasticsearch import Answer, Asked, FakeElasticsearch
from sllm_core.plugin import PluginError
from sllm_core.testing import context
from sllm_plugins.elasticsearch import data_views
from sllm_plugins.elasticsearch.source import ElasticsearchSource
from sllm_plugins.elasticsearch.source_config import ElasticsearchConfig

DOCUMENTS = [(START + number, {"message": f"line {number}"}) for number in range(3)]
VIEWS = {
    "a1": {"title": "logs-*", "name": "All logs", "timeFieldName": "@timestamp"},
    "b2": {"title": "logs", "name": "Logs", "timeFieldName": "@timestamp"},
    "c3": {"title": "metrics-*", "timeFieldName": "@timestamp"},
    "d4": {"title": "audit-*", "name": "All logs"},
}


def saved(asked: Asked) -> Answer | None:
    """What Kibana's saved objects tell of the data views."""
    if ".kibana" not in asked.path:
        return None
    hits = [{"_id": f"index-pattern:{key}", "_source": {"index-pattern": each}} for key, each in VIEWS.items()]
    return Answer(200, {"hits": {"hits": hits}, "_shards": {"failed": 0}})


def kibana(asked: Asked) -> Answer | None:
    """What Kibana's API tells of them."""
    if asked.path != "/api/data_views":
        return None
    return Answer(200, {"data_view": [{"id": key, **each} for key, each in VIEWS.items()]})


def view(server: FakeElasticsearch, wanted: str, **options: object) -> ElasticsearchSource:
    chosen = {"url": server.url, "data_view": wanted, "lag": 0, **options}
    return ElasticsearchSource("elasticsearch", ElasticsearchConfig.model_validate(chosen), context())


def complaint(server: FakeElasticsearch, wanted: str, **options: object) -> str:
    with pytest.raises(PluginError) as caught:
        read(view(server, wanted, **options))
    return str(caught.value)


@pytest.mark.parametrize("wanted", ["b2", "Logs", "logs"])
def test_a_data_view_is_found_by_id_name_and_title(wanted: str) -> None:
    with FakeElasticsearch(DOCUMENTS) as server:
        server.faults.append(saved)
        batches = read(view(server, wanted))
    assert messages(batches) == ["line 0", "line 1", "line 2"] and batches[0].shard == "logs"


def test_kibana_may_be_asked() -> None:
    with FakeElasticsearch(DOCUMENTS, credential="ApiKey aWQ6a2V5") as server:
        server.faults.append(kibana)
        source = view(server, "Logs", kibana_url=server.url, api_key="id:key")
        assert len(messages(read(source))) == 3
        assert next(each for each in server.asked if "data_views" in each.path).headers["authorization"]


def test_an_ambiguous_name_is_told() -> None:
    with FakeElasticsearch(DOCUMENTS) as server:
        server.faults.append(saved)
        assert "2 data views have that name; give the id of one of them" in complaint(server, "All logs")


def test_an_unknown_one_is_told_with_those_there_are() -> None:
    with FakeElasticsearch(DOCUMENTS) as server:
        server.faults.append(saved)
        assert "there are: All logs, Logs, metrics-*; or set index" in complaint(server, "Nginx")


@pytest.mark.parametrize("answer", [Answer(404, {}), Answer(200, b"<html>"), Answer(200, {"data_view": None})])
def test_what_is_no_kibana_is_told(answer: Answer) -> None:
    def other(asked: Asked) -> Answer | None:
        return answer if "data_views" in asked.path else None

    with FakeElasticsearch(DOCUMENTS) as server:
        server.faults.append(other)
        assert "correct kibana_url, or set index" in complaint(server, "Logs", kibana_url=server.url)


def test_saved_objects_that_may_not_be_read_are_told() -> None:
    def forbidden(asked: Asked) -> Answer | None:
        return Answer(403, {"error": {"type": "security_exception"}}) if ".kibana" in asked.path else None

    with FakeElasticsearch(DOCUMENTS) as server:
        server.faults.append(forbidden)
        assert "cannot be read (status 403); set kibana_url" in complaint(server, "Logs")


def test_a_real_server_has_them_in_its_index(elasticsearch_url: str, index: str) -> None:
    with httpx.Client(base_url=elasticsearch_url, trust_env=False) as client:
        body = {"type": "index-pattern", "index-pattern": {"title": "logs-*", "timeFieldName": "when"}}
        types = {"properties": {"type": {"type": "keyword"}}}
        client.put(f"/{index}", json={"mappings": types}).raise_for_status()
        client.put(f"/{index}/_doc/index-pattern:a1?refresh=true", json=body).raise_for_status()
    found = asked_of(elasticsearch_url, index)
    assert found() == data_views.DataView("a1", "logs-*", "", "when")


def asked_of(url: str, index: str) -> Callable[[], data_views.DataView]:
    """Finds the data view a1, as if Kibana kept its objects in that index."""
    import asyncio

    async def found() -> data_views.DataView:
        connection = config(url, index)
        client = connection.client()
        try:
            return await data_views.find_data_view(client, "a1", connection, "", "elasticsearch", saved=index)
        finally:
            await client.close()

    return lambda: asyncio.run(found())
