"""Which documents are read, and how a search asks for them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KEEP = "2m"
"""How long the server keeps a point in time after the last search in it."""

EXCLUDED = (
    *("agent", "beat", "cloud", "data_stream", "ecs", "elastic_agent", "input", "log.file", "log.offset"),
    *("host.architecture", "host.containerized", "host.id", "host.ip", "host.mac", "host.os", "kubernetes.annotations"),
    *("observer", "orchestrator", "prospector"),
)
"""Fields that shippers add, of which nothing is read; leaving them out halves what is sent."""

Query = Mapping[str, Any] | str
"""A query in the query DSL, or in Lucene's syntax as in Kibana."""


@dataclass(frozen=True)
class Selection:
    """The documents of indices (a pattern) that have a time in the field `time` and match the query, if there is one.

    `fields`: what of them is asked for, () for all but `excluded`.
    """

    index: str
    time: str = "@timestamp"
    query: Query | None = None
    fields: tuple[str, ...] = ()
    excluded: tuple[str, ...] = EXCLUDED

    @property
    def digest(self) -> str:
        """Eight digits that tell queries on the same indices apart; "" where it is the usual field and no query."""
        if self.time == "@timestamp" and not self.query:
            return ""
        text = json.dumps([self.time, self.query], sort_keys=True, default=str)
        return hashlib.blake2b(text.encode(errors="replace"), digest_size=4).hexdigest()

    @property
    def source(self) -> dict[str, Any] | bool:
        """Which fields of the documents are sent."""
        chosen = {"includes": list(self.fields), "excludes": list(() if self.fields else self.excluded)}
        return {name: names for name, names in chosen.items() if names} or True

    @property
    def sort(self) -> list[dict[str, Any]]:
        """By time, also where some indices keep nanoseconds; equal times by what a document keeps in its shard.

        The sort values are nanoseconds since 1970 and the sequence number.
        """
        kind = "date_nanos"
        return [
            {self.time: {"order": "asc", "numeric_type": kind, "unmapped_type": kind}},
            {"_seq_no": {"order": "asc", "unmapped_type": "long"}},
        ]

    def between(self, since: int, until: int | None) -> dict[str, Any]:
        """The query for times in [since, until), in milliseconds since 1970."""
        return {"bool": {"filter": [self.span(since, until), *self._asked()]}}

    def asked(self) -> dict[str, Any]:
        """The query without the range of time."""
        return {"bool": {"filter": self._asked()}}

    def span(self, since: int, until: int | None) -> dict[str, Any]:
        """The range of time alone."""
        bounds = {"gte": str(since)} | ({} if until is None else {"lt": str(until)})
        return {"range": {self.time: {**bounds, "format": "epoch_millis"}}}

    def timeless(self) -> dict[str, Any]:
        """The query for documents that are never read, since they have no time."""
        return {"bool": {"filter": self._asked(), "must_not": [{"exists": {"field": self.time}}]}}

    def _asked(self) -> list[Mapping[str, Any]]:
        if isinstance(self.query, str):
            return [{"query_string": {"query": self.query, "analyze_wildcard": True}}]
        return [self.query] if self.query else []
