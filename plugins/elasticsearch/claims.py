"""Claims as documents: which of the workers that write to one cluster does what one alone is to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, get_args

from sllm_core.clock.claims import Claim, ClaimsAway, ClaimState
from sllm_plugins.elasticsearch.failures import explained

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticsearch import AsyncElasticsearch

    from sllm_plugins.elasticsearch.sink_config import ElasticsearchSinkConfig

TTL = 60.0
"""Seconds after which a worker that writes nothing is dead."""

ANSWER = 10.0
"""Seconds in which the server has to answer."""

SETTINGS = {"number_of_shards": 1, "auto_expand_replicas": "0-1"}
MAPPINGS = {"dynamic": False}
UNKNOWN = MappingProxyType({"owner": "", "state": "held", "beat": 0, "note": ""})
REFUSED = (400, 401, 403)
"""Answers to making the index that are no trouble: it is there already, or is left to the server."""


class ElasticsearchClaims:
    """One document for each key, which is written only as long as it is the one that was read (optimistic concurrency:
    `if_seq_no` and `if_primary_term`). Workers whose findings have the same alias share the work.

    Args:
        name: the section of config.toml, for messages.
        ttl: after how many seconds (TTL) without a word a worker is dead.
    """

    def __init__(self, name: str, config: ElasticsearchSinkConfig, ttl: float = TTL) -> None:
        self.name, self.ttl = name, ttl
        self._config, self._index = config, config.claims_index

    async def find(self, key: str) -> Claim | None:
        """The claim in its document; None where there is none.

        Raises:
            ClaimsAway: the server is away, or refuses.
        """
        async with self._asking() as client:
            answer = await client.options(ignore_status=404).get(index=self._index, id=self._id(key), realtime=True)
            return _claim(key, answer.body) if answer.body.get("found") else None

    async def put(self, claim: Claim, before: Claim | None) -> Claim | None:
        """Write the document; None where it is another by now.

        Raises:
            ClaimsAway: the server is away, or refuses; it is not known whether it was written.
        """
        document = {**claim.to_json(), "key": claim.key, "@timestamp": datetime.now(UTC).isoformat()}
        place: dict[str, Any] = {"index": self._index, "id": self._id(claim.key), "document": document}
        async with self._asking() as client:
            if before is None:
                making = client.options(ignore_status=REFUSED).indices
                await making.create(index=self._index, settings=SETTINGS, mappings=MAPPINGS)
                answer = await client.options(ignore_status=409).create(**place)
            else:
                number, _, term = before.version.partition(":")
                seen: dict[str, Any] = {"if_seq_no": int(number), "if_primary_term": int(term)}
                answer = await client.options(ignore_status=409).index(**place, **seen)
            return None if answer.meta.status == 409 else replace(claim, version=_version(answer.body))

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[AsyncElasticsearch]:
        """A client for one question: they are asked a few times a minute at most."""
        from elasticsearch import ApiError, TransportError

        try:
            async with self._config.client() as client:
                yield client.options(request_timeout=ANSWER, max_retries=1)
        except (ApiError, TransportError) as error:
            told = str(explained(error, self._config, self.name)).rstrip(".")
            if getattr(getattr(error, "meta", None), "status", 0) == 403:
                told += f' for {self._index}, or set claims_index = "" there: each worker then tunes for itself'
            raise ClaimsAway(told) from error

    def _id(self, key: str) -> str:
        return f"{self._config.index}:{key}"


def _claim(key: str, found: Mapping[str, Any]) -> Claim:
    """What a document says; one that is none of sllm's is a claim of nobody, which dies in time."""
    document = {**UNKNOWN, **found["_source"]}
    state: ClaimState = document["state"] if document["state"] in get_args(ClaimState) else "held"
    beat = document["beat"] if isinstance(document["beat"], int) else 0
    return Claim(key, str(document["owner"]), state, beat, str(document["note"]), _version(found))


def _version(answer: Mapping[str, Any]) -> str:
    return f"{answer['_seq_no']}:{answer['_primary_term']}"
