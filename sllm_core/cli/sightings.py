"""When patterns were seen, from the files that a command is given or from the store of a configuration."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from sllm_core.cli.inputs import Inputs, complete, default_language, reading
from sllm_core.cli.moments import Span

if TYPE_CHECKING:
    from sllm_core.classifier import ModelVerdicts, Verdicts
    from sllm_core.patterns import PatternTable
    from sllm_core.report.series import Series
    from sllm_core.settings import Settings


@dataclass(frozen=True)
class Sighted:
    """What was seen, what is known of its patterns, how it is told, and the exit code of the reading.

    `extent` is the time of all that could be chosen from, None without times; `said` what a model said of patterns.
    """

    series: Series
    patterns: PatternTable
    language: str
    zone: tzinfo
    extent: tuple[datetime, datetime] | None
    code: int = 0
    said: ModelVerdicts | None = None

    @property
    def shown_extent(self) -> tuple[datetime, datetime] | None:
        """The extent in the zone."""
        return self.extent and (self.extent[0].astimezone(self.zone), self.extent[1].astimezone(self.zone))

    @property
    def verdicts(self) -> Verdicts:
        """The verdicts on the patterns."""
        from sllm_core.classifier import Classifier, Verdicts

        verdicts = Verdicts(Classifier.load, self.patterns)
        if self.said is not None:
            verdicts.adopt(self.said)
        return verdicts

    def bounds(self, span: Span) -> tuple[int | None, int | None]:
        """From when on and before when, in microseconds.

        Raises:
            click.UsageError: the span ends before it begins, or the records bear no times.
        """
        from sllm_core.moments import microseconds

        if self.extent is None:
            if span and self.series.records:
                raise click.UsageError("the records bear no times that could be read, so no time can be chosen")
            return None, None
        since, until = span.bounds(self.extent[1], self.zone)
        return None if since is None else microseconds(since), None if until is None else microseconds(until)

    def within(self, span: Span) -> Sighted:
        """What was seen in that time."""
        return replace(self, series=self.series.within(*self.bounds(span))) if span else self

    def settled(self) -> Sighted:
        """The same by the ids that the table gives by now."""
        return replace(self, series=self.series.settled(self.patterns.resolve))


@dataclass(frozen=True)
class Choice:
    """Language and zone as they are asked for; None leaves them to the configuration, or the environment."""

    language: str | None = None
    timezone: str | None = None

    def inputs(self, paths: tuple[str, ...]) -> Inputs:
        """These paths, to be read so."""
        return Inputs(paths, self.language or default_language(os.environ), self.timezone or "UTC")


def from_paths(paths: tuple[str, ...], choice: Choice, patterns: PatternTable | None = None) -> Sighted:
    """Read the paths to their ends; `patterns` may be the table of an earlier reading.

    Raises:
        PluginError: no file matches a path.
        RunFailed: the reading stopped.
    """
    from sllm_core.moments import moment
    from sllm_core.report.sightings import Sightings

    sightings, inputs = Sightings(), choice.inputs(paths)
    with reading(inputs, sightings.observe, analyzers=(), patterns=patterns) as (result, store):
        table = store.patterns
    series = sightings.series(table.resolve)
    start, end = series.span
    extent = (moment(start), moment(end - 1)) if series.timed and end else None
    return Sighted(series, table, inputs.language, inputs.zone, extent, complete(result))


def from_store(config: Path, spans: Sequence[Span], choice: Choice) -> Sighted:
    """What the store of a configuration has of the times from the first of the spans to the last, to whole windows.

    Raises:
        PluginError: there is no configuration or no store, or another process uses it.
    """
    from sllm_core import logs
    from sllm_core.opening import open_store
    from sllm_core.report.stored import stored_series
    from sllm_core.review.known import known_verdicts
    from sllm_core.settings import load_settings

    settings = load_settings(config, overrides={"language": choice.language} if choice.language else {})
    logs.configure_later(settings.logging.level, settings.logging.format)
    zone = ZoneInfo(choice.timezone or settings.timezone)
    _check_there(settings, config)
    with open_store(settings) as store:
        there = store.overview()
        extent = (there.start, there.end) if there.start and there.end else None
        windows = store.windows_between(*_hull(spans, extent, zone))
        series = stored_series(windows, store.first_windows(), store.patterns.resolve)
        said = known_verdicts(store) if settings.models else None
        return Sighted(series, store.patterns, settings.language, zone, extent, said=said)


def _hull(
    spans: Sequence[Span], extent: tuple[datetime, datetime] | None, zone: tzinfo
) -> tuple[datetime | None, datetime | None]:
    bounds = [each.bounds(extent[1], zone) for each in spans] if extent else []
    since, until = ([each[place] for each in bounds] for place in (0, 1))
    first = [each for each in since if each is not None]
    last = [each for each in until if each is not None]
    return (
        min(first) if first and len(first) == len(spans) else None,
        max(last) if last and len(last) == len(spans) else None,
    )


def _check_there(settings: Settings, config: Path) -> None:
    from sllm_core.plugin import PluginError

    if not (settings.store.path / "sllm.db").exists():
        raise PluginError(
            f"{settings.store.path} holds no store yet, so nothing was seen; `sllm run -c {config}` makes one, "
            "or give the files to read: sllm patterns PATH"
        )
