"""What `sllm doctor` tells about the sink: the cluster, templates, rights, indices, disks, and what is in the way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sllm_core.diagnosis import Diagnosis
from sllm_core.plugin import PluginError
from sllm_plugins.elasticsearch.failures import explained
from sllm_plugins.elasticsearch.preflight import examine
from sllm_plugins.elasticsearch.templates import VERSION, Template, notes, state_of

if TYPE_CHECKING:
    from elastic_transport import ObjectApiResponse
    from elasticsearch import AsyncElasticsearch

    from sllm_plugins.elasticsearch.sink_config import ElasticsearchSinkConfig

PATIENCE = 8.5
FLOOD = 95.0
"""Percent of a disk in use at which Elasticsearch by default takes nothing more."""
CLUSTER_RIGHT = "manage_index_templates"
RIGHTS = ("create_index", "index", "read", "view_index_metadata")
UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


@dataclass
class _Found:
    """What was found: facts in order, problems with the remedy of each."""

    facts: list[tuple[str, str]] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)

    def diagnosis(self, address: str) -> Diagnosis:
        problem = "; ".join(each for each, _ in self.problems)
        return Diagnosis(address, tuple(self.facts), problem, tuple(each for _, each in self.problems if each))


async def diagnose(config: ElasticsearchSinkConfig, name: str) -> Diagnosis:
    """What holds for the sink of this name; nothing on the server is changed."""
    from elasticsearch import ApiError, TransportError

    found = _Found()
    try:
        async with asyncio.timeout(PATIENCE), config.client() as client:
            await examine(client, config, name)
            look = _Look(client.options(max_retries=0), config, found)
            for step in (look.cluster, look.templates, look.rights, look.indices, look.blocks, look.disks):
                await step()
    except (ApiError, TransportError, TimeoutError) as error:
        found.problems.append((str(explained(error, config, name)), ""))
    except PluginError as error:
        found.problems.append((str(error), ""))
    return found.diagnosis(config.address)


class _Look:
    """The questions, one after another."""

    def __init__(self, client: AsyncElasticsearch, config: ElasticsearchSinkConfig, found: _Found) -> None:
        self._client, self._config, self._found = client, config, found

    async def cluster(self) -> None:
        health = await _told(self._client.cluster.health())
        nodes = await _told(self._client.nodes.info(filter_path="nodes.*.version"))
        versions = sorted({each["version"] for each in nodes.get("nodes", {}).values()})
        self._found.facts.append(("server", f"Elasticsearch {', '.join(versions)}".strip()))
        if health:
            self._found.facts.append(("cluster", f"{health['status']}, {_some(health['number_of_nodes'], 'node')}"))
        if health.get("status") == "red":
            self._found.problems.append(("the cluster is red", "look at GET _cluster/allocation/explain"))

    async def templates(self) -> None:
        for template in self._config.templates:
            there = await template.find(self._client)
            state = state_of(there)
            about = {"none": "not there yet; it is put when sllm runs", "ours": f"there, version {VERSION}"}
            told = about.get(state) or next(notes(template, state))
            self._found.facts.append((f"template {template.name}", told))
            await self._overruled(template, there)

    async def _overruled(self, template: Template, there: Mapping[str, Any] | None) -> None:
        made = await _told(self._client.indices.simulate_index_template(name=f"{template.name}-2000.01.01"))
        aliases = made.get("template", {}).get("aliases", {})
        if there is not None and template.name not in aliases:
            what = f"new indices of {template.name} get no alias {template.name}: another template goes before sllm's"
            remedy = "look at GET _index_template for one with these names and a priority above 500, and narrow it"
            self._found.problems.append((what, remedy))

    async def rights(self) -> None:
        names = [f"{each.name}-*" for each in self._config.templates]
        wanted = [*RIGHTS, *(("delete_index",) if self._config.retention else ())]
        cluster = [CLUSTER_RIGHT] if self._config.install_templates else []
        asked = [{"names": names, "privileges": wanted}]
        if self._config.claims_index:
            names = [*names, self._config.claims_index]
            asked.append({"names": names[-1:], "privileges": list(RIGHTS[:3])})
        told = await _told(self._client.security.has_privileges(cluster=cluster, index=asked))
        if not told:
            self._found.facts.append(("rights", "not known: the server has no security"))
            return
        places = [told.get("cluster", {}), *told.get("index", {}).values()]
        lacking = sorted({right for place in places for right, given in place.items() if not given})
        self._found.facts.append(("rights", f"lacking: {', '.join(lacking)}" if lacking else "all that are needed"))
        if lacking:
            where = [name for name, place in told.get("index", {}).items() if not all(place.values())]
            remedy = f"give the key or user {', '.join(lacking)} for {', '.join(where or names)}"
            self._found.problems.append(("a right is lacking", remedy))

    async def indices(self) -> None:
        for template in self._config.templates:
            pattern = f"{template.name}-*"
            told = await _told(self._client.indices.stats(index=pattern, metric=["docs", "store"]))
            held = told.get("indices", {})
            if not held:
                self._found.facts.append((template.kind, "none yet"))
                continue
            total = told["_all"]["primaries"]
            size = _bytes(told["_all"]["total"]["store"]["size_in_bytes"])
            text = f"{total['docs']['count']:,} documents in {_some(len(held), 'index', 'indices')}, {size}"
            self._found.facts.append((template.kind, f"{text}, the newest of {await self._newest(pattern)}"))

    async def _newest(self, pattern: str) -> str:
        newest = {"newest": {"max": {"field": "@timestamp"}}}
        told = await _told(self._client.search(index=pattern, size=0, aggs=newest))
        return str(told.get("aggregations", {}).get("newest", {}).get("value_as_string", "an unknown time"))

    async def blocks(self) -> None:
        names = ",".join(f"{each.name}-*" for each in self._config.templates)
        told = await _told(self._client.indices.get_settings(index=names, name="index.blocks.*", flat_settings=True))
        for index, about in sorted(told.items()):
            on = [each for each, value in about.get("settings", {}).items() if str(value) == "true"]
            if on:
                nothing = ", ".join(f'"{each}": null' for each in on)
                remedy = f"make room on the disks, then in Kibana's Dev Tools: PUT {index}/_settings {{{nothing}}}"
                self._found.problems.append((f"{index} takes no documents: {', '.join(on)}", remedy))

    async def disks(self) -> None:
        rows = await _rows(self._client, "disk.percent,disk.avail")
        used = [(float(each["disk.percent"]), int(each["disk.avail"])) for each in rows if each.get("disk.percent")]
        if used:
            percent, free = max(used)
            self._found.facts.append(("fullest disk", f"{percent:g}% used, {_bytes(free)} free"))
            if percent >= FLOOD:
                self._found.problems.append(("a disk of the cluster is full", "make room, or shorten retention"))


async def _told(asking: Awaitable[ObjectApiResponse[Any]]) -> Mapping[str, Any]:
    """The answer; empty if the server has no such question, or lets it not be asked."""
    from elasticsearch import ApiError

    try:
        answer: Mapping[str, Any] = (await asking).body
    except ApiError:
        return {}
    return answer


async def _rows(client: AsyncElasticsearch, columns: str) -> list[dict[str, str]]:
    from elasticsearch import ApiError

    try:
        answer = await client.cat.allocation(format="json", bytes="b", h=columns)
    except ApiError:
        return []
    rows: Any = answer.body
    return list(rows)


def _some(number: int, one: str, several: str = "") -> str:
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def _bytes(number: float) -> str:
    power = 0
    while number >= 1024 and power < len(UNITS) - 1:
        number, power = number / 1024, power + 1
    return f"{number:.3g} {UNITS[power]}"
