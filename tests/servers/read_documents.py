"""Documents put into a real Elasticsearch, and read by the source as a run does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime

import httpx
import orjson

from sllm_core.components import Context
from sllm_core.records import LogBatch
from sllm_core.store import Commit, Progress
from sllm_core.testing import context
from sllm_plugins.elasticsearch.source import ElasticsearchSource
from sllm_plugins.elasticsearch.source_config import ElasticsearchConfig

START = 1_709_514_000_000
"""2024-03-04T01:00:00Z in milliseconds since 1970."""

Document = Mapping[str, object]


def document(number: int, when: int = START, **fields: object) -> dict[str, object]:
    """A document of that time (milliseconds since 1970) whose message is its number."""
    return {"@timestamp": moment(when), "message": f"line {number}", **fields}


def moment(when: int) -> str:
    """That time (milliseconds since 1970) as ISO 8601."""
    return datetime.fromtimestamp(when / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def put(url: str, index: str, documents: Sequence[Document], kind: str = "date", shards: int = 1) -> None:
    """Make the index, if it is not there, and put the documents into it; they can be found at once.

    `kind` is the type of the field `@timestamp`; ids are the numbers of the documents.
    """
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        if client.head(f"/{index}").status_code == 404:
            settings = {"number_of_shards": shards, "number_of_replicas": 0}
            mapping = {"properties": {"@timestamp": {"type": kind}, "message": {"type": "text"}}}
            client.put(f"/{index}", json={"settings": settings, "mappings": mapping}).raise_for_status()
        if not documents:
            return
        lines = [
            line for number, each in enumerate(documents) for line in ({"index": {"_id": str(number)}}, dict(each))
        ]
        body = b"".join(orjson.dumps(each) + b"\n" for each in lines)
        headers = {"content-type": "application/x-ndjson"}
        answer = client.post(f"/{index}/_bulk?refresh=true", content=body, headers=headers).raise_for_status()
        assert not answer.json()["errors"], answer.text[:500]


def config(url: str, index: str, **options: object) -> ElasticsearchConfig:
    """A configuration that reads this index of this server; without lag."""
    return ElasticsearchConfig.model_validate({"url": url, "index": index, "lag": 0, **options})


def source(
    url: str, index: str, within: Context | None = None, *, size: int = 10_000, **options: object
) -> ElasticsearchSource:
    """The source `elasticsearch` with that configuration; `size` is that of its batches."""
    return ElasticsearchSource("elasticsearch", config(url, index, **options), within or context(), size=size)


def read(source: ElasticsearchSource, batches: int | None = None) -> list[LogBatch]:
    """What the source gives until it ends, or its first batches; then it is left as by a run that is stopped."""
    return asyncio.run(_read(source, batches))


async def _read(source: ElasticsearchSource, most: int | None) -> list[LogBatch]:
    found: list[LogBatch] = []
    async with source.connected(), aclosing(source.batches()) as batches:
        async for batch in batches:
            found.append(batch)
            if len(found) == most:
                break
    return found


def messages(batches: Sequence[LogBatch]) -> list[str]:
    """The messages in the order in which they came."""
    return [text for each in batches for text in each.records["message"].to_pylist()]


def origins(batches: Sequence[LogBatch]) -> list[str]:
    return [text for each in batches for text in each.records["origin"].to_pylist()]


def keep(within: Context, batches: Sequence[LogBatch]) -> None:
    """Keep the cursor behind the last of the batches, as a run does that has stored everything in them."""
    if batches:
        last = batches[-1]
        kept = Progress(last.cursor)
        within.store.commit(Commit("run", last.source, last.shard, (), (), kept, ()))
