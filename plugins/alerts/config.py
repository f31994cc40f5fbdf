"""The section `[plugins.alerts]`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, SecretStr

from sllm_core.plugin import PluginConfig
from sllm_core.settings import Duration, PathInConfig

from .quiet_hours import check_spans
from .rate import Rate, parse_rate

DAY = timedelta(days=1)


def _several(value: object) -> object:
    """A text as the list of its words: a variable or a file of secrets may hold one address in each line."""
    return value.split() if isinstance(value, str) else value


def _one_or_several(value: object) -> object:
    return ([value] if value.strip() else []) if isinstance(value, str) else value


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


Targets = Annotated[
    tuple[Annotated[SecretStr, Field(min_length=1)], ...], BeforeValidator(_several), Field(min_length=1, max_length=50)
]
"""Addresses in Apprise's notation."""

QuietSpans = Annotated[tuple[str, ...], BeforeValidator(_one_or_several), AfterValidator(check_spans)]
"""Spans of quiet hours."""

RateLimit = Annotated[Rate, BeforeValidator(parse_rate), PlainSerializer(str)]
"""So many messages in such a time."""

TemplateFile = Annotated[PathInConfig | None, BeforeValidator(_none_if_empty)]
"""A file, or "" for none."""


class AlertsConfig(PluginConfig):
    """Options of `[plugins.alerts]`. Addresses are secrets: they may come from the environment or a folder of secrets.

    In SLLM_PLUGINS__ALERTS__TARGETS, or in a file of secrets named plugins__alerts__targets, they stand as a JSON list
    or one after the other.
    """

    targets: Targets = Field(description="where messages go, as Apprise writes it: slack://…, mailto://…, json://…")
    threshold: Literal["warning", "critical"] = Field(default="critical", description="from which severity on")
    repeat: Annotated[Duration, Field(ge=timedelta(0), le=30 * DAY)] = Field(
        default=timedelta(hours=4), description="when the same trouble is told again at the earliest"
    )
    group: Annotated[Duration, Field(ge=timedelta(0), le=DAY)] = Field(
        default=timedelta(minutes=2), description="what comes within this time is one message"
    )
    entries: int = Field(default=10, ge=1, le=50, description="how many findings a message describes; others it counts")
    quiet: QuietSpans = Field(
        default=(), description="when messages wait: 22:00-07:00, sat,sun or mon-fri 19:00-08:00, in the time zone"
    )
    quiet_critical: bool = Field(default=False, description="true: then critical findings wait as well")
    recovery: bool = Field(default=True, description="tell when trouble that was told is over")
    calm: Annotated[Duration, Field(ge=timedelta(0), le=7 * DAY)] = Field(
        default=timedelta(minutes=10), description="for how long closed windows must be free of it, at least one"
    )
    rate: RateLimit = Field(default=Rate(10, timedelta(hours=1)), description="at most so many messages in such a time")
    fresh: Annotated[Duration, Field(ge=timedelta(0), le=3650 * DAY)] = Field(
        default=DAY, description="findings about windows that ended longer ago are only counted"
    )
    language: Literal["", "en", "ko"] = Field(default="", description="of the messages; that of the configuration")
    template: TemplateFile = Field(default=None, description="a TOML file with a title and a body of your own")
    give_up: Annotated[Duration, Field(ge=timedelta(minutes=1), le=30 * DAY)] = Field(
        default=DAY, description="how long a message is tried that a target does not take"
    )
    timeout: Annotated[Duration, Field(ge=timedelta(seconds=1), le=timedelta(minutes=10))] = Field(
        default=timedelta(seconds=30), description="how long a target may take for a message"
    )
    wait: Annotated[Duration, Field(ge=timedelta(0), le=timedelta(minutes=10))] = Field(
        default=timedelta(seconds=10), description="how long a run that has read everything still sends"
    )
