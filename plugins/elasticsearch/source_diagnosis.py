"""What `sllm doctor` tells about the Elasticsearch that a source reads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any

from sllm_core.diagnosis import Diagnosis
from sllm_core.plugin import PluginError
from sllm_plugins.elasticsearch.access import Access, access
from sllm_plugins.elasticsearch.failures import said
from sllm_plugins.elasticsearch.target import DATES, listed

if TYPE_CHECKING:
    from elasticsearch import ApiError

    from sllm_plugins.elasticsearch.source_config import ElasticsearchConfig

Fact = tuple[str, str]

PATIENCE = 4.0
"""Seconds for each figure; one that does not come in time is not known."""

SKEW = 5.0
"""Seconds by which clocks may differ without a remedy being told."""

UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


async def diagnose(config: ElasticsearchConfig, name: str, now: Callable[[], float]) -> Diagnosis:
    """The server, the cluster's health, what there is to read, how new it is, and how far the clocks are apart."""
    facts: list[Fact] = []
    try:
        async with access(config, name, now) as found:
            facts += [each async for each in _facts(found)]
            return Diagnosis(config.address, tuple(facts), *_judged(dict(facts), found, name))
    except PluginError as error:
        problem, _, remedy = str(error).removeprefix(f"{name}: {config.address}: ").partition("; ")
        return Diagnosis(config.address, tuple(facts), problem, (remedy,) if remedy else ())


async def _facts(found: Access) -> AsyncIterator[Fact]:
    asked = (_version(found), _health(found), _documents(found), _newest(found))
    for name, answer in zip(("version", "health", "documents", "newest"), await _all(*asked), strict=True):
        yield name, answer
    yield "indices", listed(found.target.indices)
    kinds = sorted(DATES & found.target.types.keys())
    yield "time", f"{found.selection.time} ({', '.join(kinds)})"
    yield "clock", f"{found.clock.skew:+.0f} s beside ours" if found.clock.skew else "as ours"


async def _all(*asked: Awaitable[str]) -> list[str]:
    return list(await asyncio.gather(*(_or_unknown(each) for each in asked)))


async def _or_unknown(asked: Awaitable[str]) -> str:
    from elasticsearch import ApiError, TransportError

    try:
        async with asyncio.timeout(PATIENCE):
            return await asked
    except ApiError as error:
        return "not allowed" if error.meta.status in (401, 403) else _unknown(error)
    except (TransportError, TimeoutError, KeyError, ValueError) as error:
        return f"not known: {type(error).__name__}"


def _unknown(error: ApiError) -> str:
    return f"not known: {said(error)}"


async def _version(found: Access) -> str:
    nodes = (await found.client.nodes.info(filter_path="nodes.*.version"))["nodes"].values()
    return "Elasticsearch " + ", ".join(sorted({each["version"] for each in nodes}))


async def _health(found: Access) -> str:
    health = (await found.client.cluster.health()).body
    nodes, missing = health["number_of_nodes"], health["unassigned_shards"]
    told = f"{health['status']}, {nodes} node{'s' * (nodes != 1)}"
    return told + (f", {missing} shards unassigned" if missing else "")


async def _documents(found: Access) -> str:
    rows: Any = (
        await found.client.cat.indices(index=found.selection.index, format="json", bytes="b", h="store.size")
    ).body
    size = sum(int(each["store.size"] or 0) for each in rows)
    indices = "1 index" if len(rows) == 1 else f"{len(rows)} indices"
    return f"{await found.count(0, None):,} with a time, {_bytes(size)} in {indices}"


def _bytes(size: float) -> str:
    for unit in UNITS[:-1]:
        if size < 1024:
            return f"{size:.0f} {unit}"
        size /= 1024
    return f"{size:.1f} {UNITS[-1]}"


async def _newest(found: Access) -> str:
    newest = await found.first(0, None, newest=True)
    if newest is None:
        return "none"
    return f"{_span(found.clock.now() - newest / 1000)} old"


def _span(seconds: float) -> str:
    if seconds < 0:
        return f"-{_span(-seconds)}"
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def _judged(facts: dict[str, str], found: Access, name: str) -> tuple[str, tuple[str, ...]]:
    """The problem, "" if there is none, and what to do."""
    remedies = []
    if abs(found.clock.skew) > SKEW:
        remedies.append("set the clocks of this machine and of the server by the same time server (NTP)")
    if facts["newest"].startswith("-"):
        remedies.append("some documents have times to come: see whether their shippers name the right time zone")
    if facts["health"].startswith("red"):
        remedies.insert(0, "look at GET _cluster/allocation/explain: what is not allocated cannot be read")
        return "some shards are not there, so that nothing can be read of their indices", tuple(remedies)
    if facts["newest"] == "none":
        remedy = f"see whether index, query and time in [plugins.{name}] are meant so"
        return "no document matches", (remedy, *remedies)
    return "", tuple(remedies)
