"""Deleting dated indices that are older than the user keeps: only those that are surely ours."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sllm_plugins.elasticsearch.templates import OURS

if TYPE_CHECKING:
    from elasticsearch import AsyncElasticsearch

ASKED = ("*.settings.index.creation_date", "*.mappings._meta")

_DAY = re.compile(r"(\d{4})\.(\d{2})\.(\d{2})")


def day_of(prefix: str, index: str) -> date | None:
    """The day that an index `<prefix>-YYYY.MM.DD` holds; None of any other name."""
    match = _DAY.fullmatch(index.removeprefix(f"{prefix}-")) if index.startswith(f"{prefix}-") else None
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def is_over(day: date, made: datetime, now: datetime, keep: timedelta) -> bool:
    """Whether all of a day (UTC) is older than what is kept, and its index was made as long ago.

    The second is for who reads old logs: what was found in them is not to go the day after.
    """
    try:
        oldest = now.astimezone(UTC) - keep
    except OverflowError:
        return False
    return day < oldest.date() and made < oldest


def outdated(prefix: str, indices: Mapping[str, Any], now: datetime, keep: timedelta) -> list[str]:
    """The indices that go: of our exact name, with our mark in the mapping, and older than `keep`; oldest first.

    Args:
        indices: the settings and mappings by index, as the server tells them.
    """
    days = {index: day_of(prefix, index) for index, about in indices.items() if _is_ours(about)}
    return sorted(index for index, day in days.items() if day and is_over(day, _made(indices[index]), now, keep))


def _is_ours(about: Mapping[str, Any]) -> bool:
    return bool(about.get("mappings", {}).get("_meta", {}).get("managed_by") == OURS)


def _made(about: Mapping[str, Any]) -> datetime:
    return datetime.fromtimestamp(int(about["settings"]["index"]["creation_date"]) / 1000, UTC)


async def delete_outdated(
    client: AsyncElasticsearch, prefixes: Iterable[str], now: datetime, keep: timedelta
) -> list[str]:
    """Delete them, one by one, and name those that are gone; one that stays does not keep the others.

    Raises:
        ApiError, TransportError: the indices could not be listed.
    """
    gone: list[str] = []
    for prefix in prefixes:
        found = await client.options(ignore_status=404).indices.get(
            index=f"{prefix}-*",
            features=["settings", "mappings"],
            expand_wildcards=["open", "closed"],
            filter_path=ASKED,
        )
        for index in outdated(prefix, found.body if found.meta.status == 200 else {}, now, keep):
            gone += await _delete(client, index)
    return gone


async def _delete(client: AsyncElasticsearch, index: str) -> list[str]:
    from elasticsearch import ApiError, TransportError

    log = logging.getLogger("sllm.elasticsearch")
    try:
        await client.options(ignore_status=404).indices.delete(index=index)
    except (ApiError, TransportError) as error:
        log.warning("an outdated index stays; it is tried again tomorrow", extra={"index": index, "reason": str(error)})
        return []
    log.info("an outdated index is deleted", extra={"index": index})
    return [index]
