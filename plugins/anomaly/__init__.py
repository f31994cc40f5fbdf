"""The plugin `anomaly`: what stands out in each window, clustered into issues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from sllm_core.plugin import Plugin, PluginConfig, hookimpl

if TYPE_CHECKING:
    from sllm_core.components import Analyzer, Context


class AnomalyConfig(PluginConfig):
    """The section `[plugins.anomaly]`. The defaults are judgement, not fitted to a data set."""

    warning: float = Field(default=0.5, gt=0, lt=1, description="problem probability from which a pattern is a warning")
    critical: float = Field(default=0.5, gt=0, lt=1, description="critical probability from which it is critical")
    surge: float = Field(default=6.0, gt=0, description="spreads above the usual from which harmless records surge")
    raised: float = Field(default=4.0, gt=0, description="the same for records that tell of a known problem")
    least: int = Field(default=20, ge=1, description="records above the usual that make a surge; of errors, half")
    history: int = Field(default=168, ge=1, le=2000, description="earlier windows that make up the baseline")
    error_share: float = Field(default=0.3, gt=0, le=1, description="share of errors that, when unusual, is critical")
    failures: float = Field(default=0.05, gt=0, le=1, description="share of 5xx answers from which it is a warning")
    outage: float = Field(default=0.3, gt=0, le=1, description="share of 5xx answers from which it is critical")
    candidates: int = Field(default=300, ge=1, le=2000, description="patterns of a window that are clustered")
    distance: float = Field(default=0.5, gt=0, lt=1, description="distance up to which patterns are one issue")


class Anomaly(Plugin[AnomalyConfig]):
    """Judges each closed window as normal, warning or critical, and names the issues in it."""

    Config = AnomalyConfig

    @hookimpl
    def sllm_analyzers(self, context: Context) -> list[Analyzer]:
        from .analyzer import AnomalyAnalyzer

        return [AnomalyAnalyzer(self.name, self.config, context)]
