"""Reports log messages that are too long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow.compute as pc
from pydantic import Field

from sllm_core.components import Analyzer
from sllm_core.findings import Finding, finding_id
from sllm_core.plugin import Plugin, PluginConfig, hookimpl
from sllm_core.records import LogBatch

if TYPE_CHECKING:
    from litestar.types import ControllerRouterHandler


class LengthConfig(PluginConfig):
    """Options of `[plugins.length]`."""

    limit: int = Field(default=500, ge=1, description="the longest message that is not reported, in characters")


class LengthAnalyzer:
    """One finding for each message above the limit."""

    name = "length"

    def __init__(self, config: LengthConfig) -> None:
        self._limit = config.limit

    async def analyze(self, batch: LogBatch) -> Sequence[Finding]:
        """The findings about the records of the batch; they stand at once and wait for no window."""
        lengths = pc.utf8_length(batch.records["message"])
        too_long = batch.records.append_column("length", lengths).filter(pc.greater(lengths, self._limit))
        rows = too_long.select(["origin", "length"]).to_pylist()
        return [self._finding(batch, row["origin"], row["length"]) for row in rows]

    def _finding(self, batch: LogBatch, origin: str, length: int) -> Finding:
        return Finding(
            id=finding_id(self.name, batch.source, batch.shard, origin),
            analyzer=self.name,
            label="long",
            source=batch.source,
            shard=batch.shard,
            explanation=f"The message has {length:,} characters; the limit is {self._limit:,}.",
            facts={"length": length},
            evidence=(origin,),
            count=1,
        )


class Length(Plugin[LengthConfig]):
    """The plugin: its section is `[plugins.length]`, its resource /plugins/length/limit."""

    Config = LengthConfig

    @hookimpl
    def sllm_analyzers(self) -> list[Analyzer]:
        """The one analyzer."""
        return [LengthAnalyzer(self.config)]

    @hookimpl
    def sllm_routes(self) -> list[ControllerRouterHandler]:
        """What `sllm serve` shows of it."""
        from litestar import get

        async def limit() -> dict[str, int]:
            """The limit in characters."""
            return {"limit": self.config.limit}

        return [get("/limit", summary="The longest message that is not reported")(limit)]
