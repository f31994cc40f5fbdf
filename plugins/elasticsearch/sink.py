"""The plugin `elasticsearch-sink`: findings as documents of dated indices, and labels of records beside them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sllm_core.components import Context, Sink
from sllm_core.findings import Finding
from sllm_core.metrics import Metric
from sllm_core.plugin import Plugin, hookimpl
from sllm_plugins.elasticsearch.bulk import BulkCounts, BulkWriter, Operation
from sllm_plugins.elasticsearch.findings_document import findings_document, findings_index, to_json
from sllm_plugins.elasticsearch.indices import Indices
from sllm_plugins.elasticsearch.outage import Patience
from sllm_plugins.elasticsearch.sink_config import ElasticsearchSinkConfig
from sllm_plugins.elasticsearch.sink_metrics import sink_metrics

if TYPE_CHECKING:
    import click

    from sllm_core.clock.claims import Claims
    from sllm_core.diagnosis import Diagnosis
    from sllm_core.records import LogBatch

DAY = 86_400.0
LABELS = 5_000
"""How many labels one request has at most; they are small."""


class FindingsSink:
    """Keeps each finding once, in its newest revision, however often and in whatever order it is written.

    The id of a finding is that of its document, its revision the version, and its window says in which index it is. So
    what comes twice changes nothing, and what is older than what is there is left out by the server.

    Args:
        now: the clock by which documents are dated and indices outdated.
    """

    def __init__(
        self, name: str, config: ElasticsearchSinkConfig, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.name = name
        self.config, self._now = config, now
        self.findings, self.labels = BulkCounts(), BulkCounts()
        self.patience = Patience(config.patience.total_seconds())
        self._writers: tuple[BulkWriter, BulkWriter] | None = None

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """As long as it lasts, findings can be written.

        Raises:
            PluginError: the server is not there, or something on it is in the way.
        """
        async with self.config.client() as client:
            indices = Indices(client, self.config, self.name, self._now)
            await indices.open()
            self._writers = (
                BulkWriter(client, self.config, self.name, self.patience, self.findings, indices.prepare),
                BulkWriter(client, self.config, self.name, self.patience, self.labels, indices.prepare),
            )
            await indices.clean()
            cleaning = asyncio.create_task(_clean_daily(indices))
            try:
                yield
            finally:
                cleaning.cancel()
                await asyncio.gather(cleaning, return_exceptions=True)
                self._writers = None

    async def write(self, findings: Sequence[Finding]) -> None:
        """Returns when all are stored.

        Raises:
            PluginError: the server took nothing for longer than `patience`.
        """
        operations = await asyncio.to_thread(lambda: list(map(self._operation, findings)))
        await self._writer(0).write(operations)

    def metrics(self) -> Iterable[Metric]:
        """What was written and what became of it."""
        kinds = {"finding": self.findings} | ({"label": self.labels} if self.config.annotate else {})
        return sink_metrics(self.name, kinds)

    async def diagnose(self) -> Diagnosis:
        """How the server, the templates, the indices, the rights and the disk are."""
        from sllm_plugins.elasticsearch.sink_diagnosis import diagnose

        return await diagnose(self.config, self.name)

    def _operation(self, finding: Finding) -> Operation:
        document = findings_document(finding, self._now(), self.config.tags, self.config.labels)
        place = findings_index(self.config.index, finding)
        return Operation.of(place, finding.id, to_json(document), finding.revision)

    def _writer(self, which: int) -> BulkWriter:
        assert self._writers is not None, "it is written only while it is connected"
        return self._writers[which]


class AnnotatingSink(FindingsSink):
    """Besides, stores a label for each record."""

    def __init__(self, name: str, config: ElasticsearchSinkConfig, context: Context) -> None:
        super().__init__(name, config)
        self._context = context

    async def annotate(self, batch: LogBatch) -> None:
        """Returns when the labels of all records are stored.

        Raises:
            PluginError: as `write` does.
        """
        from sllm_plugins.elasticsearch.labels import label_operations

        operations = await asyncio.to_thread(label_operations, batch, self._context, self.config.labels_index)
        await self._writer(1).write(operations, LABELS)


async def _clean_daily(indices: Indices) -> None:
    while True:
        await asyncio.sleep(DAY)
        await indices.clean()


class ElasticsearchSink(Plugin[ElasticsearchSinkConfig]):
    """Writes to one cluster."""

    Config = ElasticsearchSinkConfig
    _sink: FindingsSink | None = None

    @hookimpl
    def sllm_sinks(self, context: Context) -> list[Sink]:
        return [self._made(context)]

    @hookimpl
    def sllm_claims(self) -> list[Claims]:
        from sllm_plugins.elasticsearch.claims import ElasticsearchClaims

        return [ElasticsearchClaims(self.name, self.config)] if self.config.claims_index else []

    @hookimpl
    def sllm_lifespan(self, context: Context) -> AbstractAsyncContextManager[None]:
        return self._made(context).connected()

    @hookimpl
    def sllm_commands(self) -> list[click.Command]:
        from sllm_plugins.elasticsearch.template_command import template_command

        return [template_command(self.config)]

    def _made(self, context: Context) -> FindingsSink:
        """The one sink, which both hooks are about."""
        if self._sink is None:
            name, config = self.name, self.config
            self._sink = AnnotatingSink(name, config, context) if config.annotate else FindingsSink(name, config)
        return self._sink
