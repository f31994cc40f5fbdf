"""Findings written to an Elasticsearch by the sink, for tests of what became of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from elasticsearch_server import documents
from sllm_core.findings import Finding, finding_id
from sllm_plugins.elasticsearch.outage import Patience
from sllm_plugins.elasticsearch.sink import FindingsSink
from sllm_plugins.elasticsearch.sink_config import ElasticsearchSinkConfig

HOUR = timedelta(hours=1)
START = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - 2 * HOUR
DAY = f"{START:%Y.%m.%d}"
"""The day of the findings, as it stands in the name of their index."""


def finding(number: int = 0, revision: int = 0, **changes: object) -> Finding:
    """A warning about the window from START; its text names the revision."""
    about: dict[str, Any] = {"analyzer": "anomaly", "label": "warning", "source": "s", "window": (START, START + HOUR)}
    about |= {"id": finding_id("anomaly", "s", "", number), "explanation": f"revision {revision}"}
    about.update(changes)
    return Finding(revision=revision, **about)


def config(url: str, index: str, **options: object) -> ElasticsearchSinkConfig:
    """The section of a sink that writes into indices with this beginning."""
    names = {"url": url, "index": index, "labels_index": f"{index}.labels"}
    return ElasticsearchSinkConfig.model_validate(names | options)


def write(
    url: str,
    index: str,
    *chunks: Sequence[Finding],
    patience: Patience | None = None,
    **options: object,
) -> FindingsSink:
    """The sink, after it was written each chunk."""
    sink = FindingsSink("elasticsearch-sink", config(url, index, **options))
    sink.patience = patience or sink.patience

    async def run() -> None:
        async with sink.connected():
            for chunk in chunks:
                await sink.write(chunk)

    asyncio.run(run())
    return sink


def outcomes(sink: FindingsSink) -> dict[str, float]:
    """The figures that are above 0, by outcome or name."""
    found = {each.labels.get("outcome", each.name): each.value for each in sink.metrics()}
    return {name.removeprefix("elasticsearch_sink_"): value for name, value in found.items() if value}


def stored(url: str, index: str) -> dict[str, str]:
    """The messages by id."""
    return {each["_id"]: each["_source"]["message"] for each in documents(url, f"{index}-*")}
