"""The sections of config.toml that belong to core."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from sllm_core.settings.fields import Duration, PathInConfig, ZoneName, check_key


class Section(BaseModel):
    """A table of config.toml: unknown keys are errors, values are frozen, defaults are validated like given values."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, revalidate_instances="always")


class PipelineSection(Section):
    """[pipeline]: how records are cut into windows of event time, and how long an analyzer may take."""

    window: Annotated[Duration, Field(ge=timedelta(seconds=1), le=timedelta(days=7))] = timedelta(hours=1)
    lateness: Annotated[Duration, Field(ge=timedelta(0), le=timedelta(days=7))] = timedelta(minutes=5)
    idle: Annotated[Duration, Field(gt=timedelta(0), le=timedelta(days=7))] = timedelta(minutes=2)
    analyzer_timeout: Annotated[Duration, Field(gt=timedelta(0), le=timedelta(days=1))] = timedelta(seconds=30)


class StoreSection(Section):
    """[store]: the folder of the store, and how long it keeps findings and what nothing has shown up of since."""

    path: PathInConfig = Path(".sllm")
    retention: Annotated[Duration, Field(ge=timedelta(hours=1), le=timedelta(days=36500))] = timedelta(days=90)


class PatternsSection(Section):
    """[patterns]: how many patterns each source may bring in, and the secret that goes into their ids.

    Replicas that share findings need the same `key`.
    """

    limit: Annotated[int, Field(ge=1)] = 50_000
    key: Annotated[SecretStr, AfterValidator(check_key)] = SecretStr("")


class LoggingSection(Section):
    """[logging]: what sllm says about itself, on standard error."""

    level: Literal["debug", "info", "warning", "error", "critical"] = "info"
    format: Literal["auto", "json", "console"] = "auto"


class Sections(Section):
    """The whole of config.toml. The type of `plugins` is replaced by one that has a field for each enabled plugin."""

    language: Literal["en", "ko"] = "en"
    timezone: ZoneName = "UTC"
    pipeline: PipelineSection = PipelineSection()
    patterns: PatternsSection = PatternsSection()
    store: StoreSection = StoreSection()
    logging: LoggingSection = LoggingSection()
    plugins: Section = Section()
