"""`sllm patterns`: the kinds of records in log files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sllm_core.cli.inputs import Inputs, complete, language_option, paths_argument, reading, timezone_option

if TYPE_CHECKING:
    from sllm_core.report.observation import Observation
    from sllm_core.report.pattern_list import PatternList
    from sllm_core.store import Store

LIMIT = 50


@click.command("patterns", short_help="The kinds of records in log files, with counts and verdicts.")
@paths_argument
@click.option(
    "--limit", type=click.IntRange(min=0), metavar="NUMBER", default=LIMIT, show_default=True, help="How many; 0: all."
)
@click.option("--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
@language_option
@timezone_option
def command(paths: tuple[str, ...], limit: int, form: str, language: str, timezone: str) -> int:
    """List the patterns of log files: each with its count, share, level, sentiment and probability of trouble.

    PATH is a file (plain, gzip, bz2 or zstd), a folder, a pattern such as 'logs/*.log', a pipe, or - for standard
    input.

    \b
    Exit codes: 0 done; 1 it could not be read to the end; 2 wrong usage,
    or no such file; 3 done, but something was left out.
    """
    from sllm_core.report.observation import Observation

    observation, inputs = Observation(), Inputs(paths, language, timezone)
    with reading(inputs, observation.observe, analyzers=()) as (result, store):
        listed = _listed(observation, store, inputs, limit)
    click.echo(_written(listed, form), nl=False)
    return complete(result)


def _listed(observation: Observation, store: Store, inputs: Inputs, limit: int) -> PatternList:
    import numpy as np

    from sllm_core.classifier import Classifier, Verdicts
    from sllm_core.report.grid import grid
    from sllm_core.report.pattern_list import PatternList
    from sllm_core.report.rows import judged, pattern_rows

    counts = observation.counts(store.patterns.resolve)
    if not len(counts.time):
        return PatternList(language=inputs.language)
    verdicts = judged(counts.pattern, counts.level, counts.count, Verdicts(Classifier.load, store.patterns))
    slots = grid(counts, inputs.zone)
    rows = pattern_rows(counts, verdicts, slots, store.patterns, inputs.zone, limit or None)
    return PatternList(rows, len(np.unique(counts.pattern)), int(counts.count.sum()), inputs.language)


def _written(patterns: PatternList, form: str) -> str:
    from sllm_core.cli.terminal import columns, is_coloured
    from sllm_core.report.pattern_list import patterns_csv, patterns_json, patterns_text

    if form == "json":
        return patterns_json(patterns)
    return patterns_csv(patterns) if form == "csv" else patterns_text(patterns, columns(), colour=is_coloured())
