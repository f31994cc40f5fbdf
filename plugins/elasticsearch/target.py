"""What a pattern of indices means on a server: whether there is anything, and when its documents say they happened."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from sllm_core.plugin import PluginError
from sllm_plugins.elasticsearch.failures import said
from sllm_plugins.elasticsearch.selection import Selection

if TYPE_CHECKING:
    from elasticsearch import ApiError, AsyncElasticsearch

    from sllm_plugins.elasticsearch.connection import ElasticsearchConnection

DATES = frozenset({"date", "date_nanos"})
SHOWN = 6
"""How many names of indices a message tells."""

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True)
class Target:
    """The indices that a pattern means now, and those among them by the type of the field of time."""

    indices: tuple[str, ...]
    types: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


async def find_target(
    client: AsyncElasticsearch, selection: Selection, connection: ElasticsearchConnection, name: str
) -> Target:
    """The indices, once it is sure that the query can be asked of them.

    Args:
        name: the section of config.toml, for messages.

    Raises:
        PluginError: there are none, they may not be read, they have no such field of time, or the query is wrong.
        An error of the client: the server is away.
    """
    from elasticsearch import BadRequestError

    found = [each async for each in _parts(client, selection, connection, name)]
    target = Target(tuple(sorted({index for each in found for index in each.indices})), _types(found))
    where = f"{name}: {connection.address}"
    if not target.indices:
        raise PluginError(f"{where}: {await missing(client, selection.index)}; correct index in [plugins.{name}]")
    _check_time(target, selection.time, where, name)
    try:
        await client.search(index=selection.index, query=selection.asked(), size=0, terminate_after=1)
    except BadRequestError as error:
        told = f"the query is refused: {_wrong_query(error)}"
        raise PluginError(f"{where}: {told}; correct query in [plugins.{name}]") from error
    return target


async def _parts(
    client: AsyncElasticsearch, selection: Selection, connection: ElasticsearchConnection, name: str
) -> AsyncIterator[Target]:
    """What each part of the pattern means; parts that only leave indices out mean something with the others alone."""
    from elasticsearch import AuthorizationException, NotFoundError

    parts = [each.strip() for each in selection.index.split(",")]
    asked = [selection.index] if any(each.startswith("-") for each in parts) else parts
    for part in asked:
        try:
            answer = await client.field_caps(index=part, fields=selection.time, include_unmapped=True)
        except NotFoundError as error:
            where = f"{name}: {connection.address}"
            raise PluginError(f"{where}: {await missing(client, part)}; correct index in [plugins.{name}]") from error
        except AuthorizationException as error:
            right = f"give the key or user the right read on {part}"
            raise PluginError(f"{name}: {connection.address}: not allowed: {said(error)}; {right}") from error
        yield _target(answer.body, selection.time)


def _target(answer: Mapping[str, Any], time: str) -> Target:
    indices = answer.get("indices", ())
    kinds = answer.get("fields", {}).get(time, {})
    named = {kind: tuple(about.get("indices", indices)) for kind, about in kinds.items()}
    return Target(tuple(indices), named)


def _types(found: Iterable[Target]) -> dict[str, tuple[str, ...]]:
    types: dict[str, tuple[str, ...]] = {}
    for each in found:
        for kind, names in each.types.items():
            types[kind] = tuple(sorted({*types.get(kind, ()), *names}))
    return types


def _check_time(target: Target, time: str, where: str, name: str) -> None:
    wrong = {kind: names for kind, names in target.types.items() if kind not in DATES and kind != "unmapped"}
    if wrong:
        kind, names = min(wrong.items())
        told = f"{time} is a {kind} in {listed(names)}, but ranges of time need a date"
        raise PluginError(f"{where}: {told}; set time to a field that is one, or leave those indices out of index")
    if not DATES & target.types.keys():
        remedy = f"set time in [plugins.{name}] to the field that holds the time"
        raise PluginError(f"{where}: {listed(target.indices)} has no field {time}; {remedy}")


async def missing(client: AsyncElasticsearch, pattern: str) -> str:
    """That nothing has this name, and what has a similar one."""
    from elasticsearch import ApiError, TransportError

    try:
        answer = (await client.indices.resolve_index(name="*")).body
    except (ApiError, TransportError):
        return f"there is no index {pattern}"
    names = [each["name"] for kind in ("indices", "aliases", "data_streams") for each in answer.get(kind, ())]
    names = sorted(each for each in names if not each.startswith("."))
    near = similar(pattern, names)
    if near:
        return f"there is no index {pattern}; did you mean {listed(near)}?"
    return f"there is no index {pattern}" + (f"; there are {listed(names)}" if names else " and no other")


def similar(pattern: str, names: Sequence[str]) -> list[str]:
    """Which of the names look like what was meant, the likeliest first."""
    bare = re.sub(r"[*,].*", "", pattern).rstrip("-_.") or pattern
    begin = [each for each in names if len(bare) > 2 and bare.lower() in each.lower()]
    return list(dict.fromkeys([*begin, *get_close_matches(pattern, names, SHOWN, 0.6)]))


def listed(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


async def refresh_interval(client: AsyncElasticsearch, index: str) -> float:
    """Seconds after which what was stored can be found, in the slowest of the indices; 0 where it is the usual second.

    Indices that are refreshed by hand alone, and servers that do not tell, count as the usual.
    """
    from elasticsearch import ApiError, TransportError

    try:
        answer = await client.indices.get_settings(index=index, name="index.refresh_interval", flat_settings=True)
    except (ApiError, TransportError):
        return 0.0
    texts = [each.get("settings", {}).get("index.refresh_interval", "") for each in answer.body.values()]
    return max((seconds(each) for each in texts), default=0.0)


def seconds(text: str) -> float:
    """The seconds of a time span as the server writes it, such as 30s; 0 where it is none."""
    found = re.fullmatch(r"(\d+)(ms|[smhd])", str(text))
    return int(found[1]) * _SECONDS[found[2]] if found else 0.0


def _wrong_query(error: ApiError) -> str:
    """What is wrong in a query, without the long list of what might stand there."""
    body = error.body.get("error", {}) if isinstance(error.body, dict) else {}
    shards = body.get("failed_shards") or [{}]
    cause = shards[0].get("reason") or body
    while "ailed to parse" in str(cause.get("reason")) and isinstance(cause.get("caused_by"), dict):
        cause = cause["caused_by"]
    told = " ".join(str(cause.get("reason") or said(error)).split())
    return told.partition(" Was expecting")[0].rstrip(".")[:200]
