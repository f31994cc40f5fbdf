"""The way to the documents of a section: connected, checked, and with the time of the server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sllm_core.plugin import PluginError
from sllm_plugins.elasticsearch.clock import ServerClock
from sllm_plugins.elasticsearch.failures import explained
from sllm_plugins.elasticsearch.point_in_time import Incomplete, check_complete
from sllm_plugins.elasticsearch.positions import NANOSECONDS
from sllm_plugins.elasticsearch.preflight import examine
from sllm_plugins.elasticsearch.selection import Selection
from sllm_plugins.elasticsearch.target import Target, find_target, refresh_interval

if TYPE_CHECKING:
    from elasticsearch import AsyncElasticsearch

    from sllm_plugins.elasticsearch.source_config import ElasticsearchConfig

PATIENCE = 9.5
"""Seconds until it is sure that the section can be read, or why not."""


@dataclass(frozen=True)
class Access:
    """A connected client, what is to be read with it, and how long (seconds) a document takes until it is found."""

    client: AsyncElasticsearch
    selection: Selection
    target: Target
    clock: ServerClock
    lag: float

    @property
    def horizon(self) -> int:
        """Up to when (milliseconds since 1970) all documents can be found by now."""
        return int((self.clock.now() - self.lag) * 1000)

    async def count(self, since: int, until: int | None) -> int:
        """How many documents there are in [since, until), in milliseconds since 1970."""
        asked = self.selection.between(since, until)
        answer = await self.client.count(index=self.selection.index, query=asked, ignore_unavailable=True)
        check_complete(answer.body)
        return int(answer["count"])

    async def count_timeless(self) -> int:
        """How many documents are never read, since they have no time."""
        asked = self.selection.timeless()
        return int((await self.client.count(index=self.selection.index, query=asked, ignore_unavailable=True))["count"])

    async def first(self, since: int, until: int | None, *, newest: bool = False) -> int | None:
        """The time of the first document (or of the newest) in [since, until), in milliseconds; None: there is none."""
        sort = self.selection.sort[:1]
        if newest:
            sort = [{name: {**how, "order": "desc"} for name, how in sort[0].items()}]
        answer = await self.client.search(
            index=self.selection.index,
            query=self.selection.between(since, until),
            sort=sort,
            size=1,
            source=False,
            track_total_hits=False,
            ignore_unavailable=True,
            allow_partial_search_results=False,
        )
        check_complete(answer.body)
        hits = answer["hits"]["hits"]
        return hits[0]["sort"][0] // NANOSECONDS if hits else None


@asynccontextmanager
async def access(config: ElasticsearchConfig, name: str, now: Callable[[], float] = time.time) -> AsyncIterator[Access]:
    """What the section `name` means, connected.

    Raises:
        PluginError: on entering, within ten seconds: the server is away or refuses, or there is nothing to read.
    """
    client = config.client()
    try:
        yield await _checked(client, config, name, ServerClock(now))
    finally:
        await client.close()


async def _checked(client: AsyncElasticsearch, config: ElasticsearchConfig, name: str, clock: ServerClock) -> Access:
    from elasticsearch import ApiError, TransportError

    try:
        async with asyncio.timeout(PATIENCE):
            await examine(client, config, name)
            selection = await _selected(client, config, name)
            target = await find_target(client, selection, config, name)
            await clock.measure(client)
            interval = await refresh_interval(client, selection.index)
    except TimeoutError:
        told = f"{name}: {config.address}: no answer within {PATIENCE:g} s"
        raise PluginError(f"{told}; see whether the server is overloaded, and try again") from None
    except (ApiError, TransportError, Incomplete) as error:
        raise explained(error, config, name) from error
    return Access(client, selection, target, clock, config.lag.total_seconds() + interval)


async def _selected(client: AsyncElasticsearch, config: ElasticsearchConfig, name: str) -> Selection:
    if not config.data_view:
        return config.selection
    from sllm_plugins.elasticsearch.data_views import find_data_view

    view = await find_data_view(client, config.data_view, config, config.kibana_url or "", name)
    field = view.time if view.time and "time" not in config.model_fields_set else config.time
    return replace(config.selection, index=view.title, time=field)
