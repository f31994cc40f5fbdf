"""The plugin `summary`: what happened in each window, in figures and in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from sllm_core.plugin import Plugin, PluginConfig, hookimpl

if TYPE_CHECKING:
    from sllm_core.components import Analyzer, Context


class SummaryConfig(PluginConfig):
    """The section `[plugins.summary]`."""

    services: int = Field(default=20, ge=1, le=1000, description="how many services are listed by name")
    endpoints: int = Field(default=20, ge=1, le=1000, description="how many endpoints are listed by name")
    patterns: int = Field(default=10, ge=1, le=1000, description="how many frequent and new patterns are listed")


class Summary(Plugin[SummaryConfig]):
    """Figures of each closed window, and the sentences that code makes of them."""

    Config = SummaryConfig

    @hookimpl
    def sllm_analyzers(self, context: Context) -> list[Analyzer]:
        from .analyzer import SummaryAnalyzer

        return [SummaryAnalyzer(self.name, self.config, context)]
