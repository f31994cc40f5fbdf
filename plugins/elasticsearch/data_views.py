"""Data views of Kibana: which indices a title, a name or an id means, and by which field of time."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sllm_core.plugin import PluginError
from sllm_plugins.elasticsearch.target import listed

if TYPE_CHECKING:
    from elasticsearch import AsyncElasticsearch

    from sllm_plugins.elasticsearch.connection import ElasticsearchConnection

SAVED = ".kibana*"
"""Where Kibana keeps its saved objects; since 8.8 data views are in `.kibana_analytics`."""

PATIENCE = 8.0
MOST = 1000
"""So many data views are looked at."""


@dataclass(frozen=True)
class DataView:
    """A data view; `title` is its pattern of indices, `time` its field of time, "" if it has none."""

    id: str
    title: str
    name: str = ""
    time: str = ""

    def is_called(self, wanted: str) -> bool:
        return wanted in (self.id, self.title, self.name)


async def find_data_view(
    client: AsyncElasticsearch,
    wanted: str,
    connection: ElasticsearchConnection,
    kibana_url: str,
    name: str,
    *,
    saved: str = SAVED,
) -> DataView:
    """The data view with this id, name or title: from Kibana's API, or, without its address, from its saved objects.

    Args:
        name: the section of config.toml, for messages.
        saved: the indices in which Kibana keeps its saved objects.

    Raises:
        PluginError: there is none, there are several, or they cannot be read.
    """
    where = f"{name}: data_view {wanted!r}"
    views = await (_asked(connection, kibana_url, where) if kibana_url else _saved(client, saved, where))
    for key in ("id", "name", "title"):
        found = {(each.title, each.time) for each in views if getattr(each, key) == wanted}
        if len(found) > 1:
            raise PluginError(f"{where}: {len(found)} data views have that {key}; give the id of one of them")
        if found:
            return next(each for each in views if getattr(each, key) == wanted)
    known = listed(sorted({each.name or each.title for each in views})) or "none"
    raise PluginError(f"{where}: Kibana has no such data view; there are: {known}; or set index in its place")


async def _saved(client: AsyncElasticsearch, index: str, where: str) -> Sequence[DataView]:
    from elasticsearch import ApiError

    try:
        answer = await client.search(
            index=index,
            query={"term": {"type": "index-pattern"}},
            size=MOST,
            source={"includes": ["index-pattern.title", "index-pattern.name", "index-pattern.timeFieldName"]},
            ignore_unavailable=True,
        )
    except ApiError as error:
        told = f"Kibana's saved objects cannot be read (status {error.meta.status})"
        raise PluginError(f"{where}: {told}; set kibana_url, or index in place of data_view") from error
    return [view for hit in answer["hits"]["hits"] for view in _view(hit["_id"], hit["_source"].get("index-pattern"))]


def _view(identity: str, fields: object) -> Iterator[DataView]:
    if isinstance(fields, dict) and fields.get("title"):
        told = (str(fields.get(key) or "") for key in ("title", "name", "timeFieldName"))
        yield DataView(identity.rpartition("index-pattern:")[2], *told)


async def _asked(connection: ElasticsearchConnection, url: str, where: str) -> Sequence[DataView]:
    import httpx

    remedy = "correct kibana_url, or set index in place of data_view"
    try:
        async with httpx.AsyncClient(timeout=PATIENCE, verify=_trust(connection), trust_env=False) as client:
            answer = await client.get(f"{url}/api/data_views", headers=_credential(connection))
            views = answer.raise_for_status().json()["data_view"]
            return [view for each in views for view in _view(str(each["id"]), each)]
    except httpx.HTTPStatusError as error:
        raise PluginError(f"{where}: {url}: status {error.response.status_code}; {remedy}") from error
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        told = " ".join(str(error).split()) or type(error).__name__
        raise PluginError(f"{where}: {url} does not answer as Kibana does: {told[:200]}; {remedy}") from error


def _trust(connection: ElasticsearchConnection) -> ssl.SSLContext | bool:
    if not connection.verify:
        return False
    return ssl.create_default_context(cafile=connection.ca_file) if connection.ca_file else True


def _credential(connection: ElasticsearchConnection) -> dict[str, str]:
    from base64 import b64encode

    key = connection.api_key.get_secret_value().strip()
    if key:
        return {"authorization": f"ApiKey {b64encode(key.encode()).decode() if ':' in key else key}"}
    pair = f"{connection.user}:{connection.password.get_secret_value()}"
    return {"authorization": f"Basic {b64encode(pair.encode()).decode()}"} if connection.user else {}
