"""The options that say which letters a command is about, the same for all commands of `sllm dlq`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sllm_core.cli.config_option import config_option
from sllm_core.cli.moments import Moment, moment_option

if TYPE_CHECKING:
    from datetime import tzinfo

    from .letter_topics import Section
    from .stored_letter import Selection

Function = Callable[..., int | None]


@dataclass(frozen=True)
class Choice:
    """What was given; `names` are those of letters."""

    config: Path
    plugin: str | None
    topics: tuple[str, ...]
    names: tuple[str, ...]
    error_type: str
    since: Moment | None

    def resolve(self) -> tuple[Section, Selection, tzinfo]:
        """The section of the configuration, the letters that are meant, and the zone of all times.

        Raises:
            PluginError: the configuration has mistakes, or no such section.
        """
        from datetime import UTC, datetime
        from zoneinfo import ZoneInfo

        from sllm_core.settings import load_settings

        from .letter_topics import choose_section
        from .stored_letter import Selection

        settings = load_settings(self.config)
        zone = ZoneInfo(settings.timezone)
        since = self.since.resolve(datetime.now(UTC), zone).timestamp() if self.since else 0
        selection = Selection(frozenset(self.names), self.error_type, max(0, round(since * 1000)))
        return choose_section(settings, self.plugin), selection, zone


def choosing(function: Function) -> Function:
    """Adds the options; the function is given a Choice in their place, and its other parameters by name."""

    @wraps(function)
    def chosen(
        config: Path,
        plugin: str | None,
        topics: tuple[str, ...],
        error_type: str,
        since: Moment | None,
        names: tuple[str, ...] = (),
        **others: object,
    ) -> int | None:
        return function(Choice(config, plugin, topics, names, error_type, since), **others)

    options = (
        config_option,
        click.option("--plugin", metavar="NAME", help="The section that reads from Kafka, if there are several."),
        click.option("-t", "--topic", "topics", multiple=True, metavar="TOPIC", help="Only letters of this topic."),
        click.option("--error-type", default="", metavar="TYPE", help="Only those with this type of error."),
        moment_option("--since", "Only those that were written from then on."),
    )
    result: Function = chosen
    for option in reversed(options):
        result = option(result)
    return result
