"""`sllm patterns`: the kinds of records in log files or in the store, and what became of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from sllm_core.cli.config_option import config_option
from sllm_core.cli.inputs import check_paths, parse_zone
from sllm_core.cli.moments import Moment, Span, moment_option
from sllm_core.cli.pattern_options import selecting, writing
from sllm_core.cli.pattern_output import Form
from sllm_core.cli.sightings import Choice, Sighted, from_paths, from_store

if TYPE_CHECKING:
    from sllm_core.report.pattern_list import PatternList
    from sllm_core.report.selection import Selection


def _zone(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    return None if value is None else parse_zone(ctx, parameter, value)


@click.command("patterns", short_help="The kinds of records, with trends and verdicts; --diff compares two logs.")
@click.argument("paths", metavar="[PATH]...", nargs=-1, callback=check_paths)
@moment_option("--since", "Only what was logged from then on.")
@moment_option("--until", "Only what was logged before.")
@selecting
@moment_option("--new-since", "First seen from then on.")
@writing
@click.option("--diff", nargs=2, metavar="A B", help="Compare two files, or two times such as 09:00..10:00.")
@click.option(
    "--by", type=click.Choice(["share", "rate"]), default="share", show_default=True, help="What is compared."
)
@click.option(
    "--alpha", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.01, show_default=True,
    metavar="RATE", help="False discovery rate: what part of the differences told may be chance.",
)  # fmt: skip
@click.option("--fail-on-new", type=click.Choice(["problem", "any"]), help="Exit with 4 if --diff finds such patterns.")
@config_option
@click.option("--language", type=click.Choice(["en", "ko"], case_sensitive=False), help="Of all texts.")
@click.option("--timezone", metavar="ZONE", callback=_zone, help="Of times written without one, and of those shown.")
def command(
    paths: tuple[str, ...],
    since: Moment | None,
    until: Moment | None,
    search: re.Pattern[str] | None,
    levels: frozenset[str],
    sentiment: str | None,
    problem: float,
    min_count: int,
    new_since: Moment | None,
    order: str,
    reverse: bool,
    limit: int,
    examples: bool,
    form: str,
    diff: tuple[str, str] | None,
    by: Literal["share", "rate"],
    alpha: float,
    fail_on_new: str | None,
    config: Path,
    language: str | None,
    timezone: str | None,
) -> int:
    """List the patterns of log files: each with its count, share, trend, level, sentiment and probability of trouble.

    PATH is a file (plain, gzip, bz2 or zstd), a folder, a pattern such as 'logs/*.log', a pipe, or - for standard
    input. Without PATH, the patterns are those that `sllm run` has stored, up to the last window that is closed.

    TIME is a date or time (2026-11-20, 2026-11-20T09:30), a time of the last day (09:30), or a length of time before
    the newest record (2h, 7d).

    \b
    --diff tells which patterns are new, gone, surging or fading from A to B:
      sllm patterns --diff yesterday.log today.log
      sllm patterns app.log --diff 09:00..10:00 10:00..11:00
      sllm patterns --diff 8d..1d 1d..

    By share, a pattern is set against what most patterns do that both sides have, so that one that floods B
    makes no other fade; by rate, the records in a length of time are compared. Counts scatter, as logs come in bursts;
    a difference is told if it is beyond that and at least by half.

    \b
    Exit codes: 0 done; 1 it could not be read to the end; 2 wrong usage, or no such file or store;
    3 done, but something was left out; 4 --fail-on-new is met.
    """
    from sllm_core.report.selection import Selection

    span, choice, written = Span(since, until), Choice(language, timezone), Form(form, limit or None, examples)
    selection = Selection(search, levels, sentiment, problem, min_count)
    if diff is not None:
        from sllm_core.cli.differences import Question, compare

        _refuse("with", **{"--new-since": new_since, "--sort": order != "count", "--reverse": reverse})
        return compare(Question(paths, diff, span, by, alpha, fail_on_new, config), choice, selection, written)
    _refuse("without", **{"--fail-on-new": fail_on_new, "--by": by != "share"})
    seen = from_paths(paths, choice) if paths else from_store(config, [span], choice)
    written.write_list(_listed(seen, span, selection, new_since), order, reverse)
    return seen.code


def _refuse(how: str, **given: object) -> None:
    for option, value in given.items():
        if value:
            raise click.UsageError(f"{option} does not go {how} --diff")


def _listed(seen: Sighted, span: Span, selection: Selection, new_since: Moment | None) -> PatternList:
    from dataclasses import replace

    from sllm_core.moments import moment
    from sllm_core.report.grid import grid
    from sllm_core.report.listed import listed
    from sllm_core.report.pattern_list import PatternList

    if new_since is not None and seen.extent is not None:
        selection = replace(selection, new_since=new_since.resolve(seen.extent[1], seen.zone))
    chosen = seen.within(span)
    series, slots = chosen.series, grid(chosen.series.counts, seen.zone)
    rows = listed(series, slots, seen.verdicts, seen.patterns, seen.zone)
    selected = [each for each in rows if selection.admits(each)]
    start, end = series.span
    shown = (moment(start, seen.zone), moment(end - 1, seen.zone)) if rows and series.timed else None
    counts = len(selected), len(rows), series.records
    return PatternList(selected, *counts, seen.language, shown, slots, seen.zone, seen.shown_extent)
