"""The plugin `sentiment`: how positive, neutral or negative each window is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from sllm_core.plugin import Plugin, PluginConfig, hookimpl

if TYPE_CHECKING:
    from sllm_core.components import Analyzer, Context


class SentimentConfig(PluginConfig):
    """The section `[plugins.sentiment]`. The defaults are judgement, not fitted to a data set."""

    negative: float = Field(
        default=0.1, gt=0, le=1, description="share of negative records from which a window is negative"
    )
    positive: float = Field(
        default=0.3, gt=0, le=1, description="share of positive records from which it else is positive"
    )
    services: int = Field(default=20, ge=1, le=1000, description="how many services are listed by name")
    patterns: int = Field(default=5, ge=1, le=100, description="how many negative patterns are named")


class Sentiment(Plugin[SentimentConfig]):
    """Counts positive, neutral and negative records of each closed window by the verdicts on their patterns."""

    Config = SentimentConfig

    @hookimpl
    def sllm_analyzers(self, context: Context) -> list[Analyzer]:
        from .analyzer import SentimentAnalyzer

        return [SentimentAnalyzer(self.name, self.config, context)]
