"""`sllm annotate`: one row for each record of log files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sllm_core.cli.inputs import Inputs, complete, paths_argument, reading, timezone_option

if TYPE_CHECKING:
    from sllm_core.report.tabular import TableFormat


@click.command("annotate", short_help="One row for each record: pattern, level, sentiment, problem, anomaly.")
@paths_argument
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Where to, .csv, .jsonl or .parquet; else CSV on standard output.",
)
@timezone_option
def command(paths: tuple[str, ...], output: Path | None, timezone: str) -> int:
    """Say of each record of log files which pattern it has and how it is judged.

    PATH is a file (plain, gzip, bz2 or zstd), a folder, a pattern such as 'logs/*.log', a pipe, or - for standard
    input.

    \b
    Columns:
      file       where there are several
      line       from 1
      pattern    16 hexadecimal digits
      template   the text of the pattern, <*> for what varies
      level      TRACE, DEBUG, INFO, WARN, ERROR, FATAL or nothing
      sentiment  positive, neutral or negative
      problem    probability that it tells of trouble
      anomaly    normal, warning or critical

    In CSV, a text that begins with = + - or @ has an apostrophe before it, so that no spreadsheet runs it.

    \b
    Exit codes: 0 done; 1 it could not be read or written to the end; 2 wrong usage,
    or no such file; 3 done, but something was left out.
    """
    inputs, form = Inputs(paths, timezone=timezone), _form_of(output)
    inputs.check_output(output)
    return _annotate(inputs, form, output)


def _form_of(output: Path | None) -> TableFormat:
    from sllm_core.report.tabular import SUFFIXES

    if output is None:
        return "csv"
    form = SUFFIXES.get(output.suffix.lower())
    if form is None:
        raise click.UsageError(f"{output}: the name must end in {', '.join(SUFFIXES)}, which says what is written")
    return form


def _annotate(inputs: Inputs, form: TableFormat, output: Path | None) -> int:
    from sllm_core.classifier import Classifier, Verdicts
    from sllm_core.report.annotation import Spool
    from sllm_core.report.output import replacing
    from sllm_core.report.tabular import write_annotations

    spool, several = Spool(), inputs.several
    with reading(inputs, spool.observe, analyzers=()) as (result, store):
        rows = spool.annotations(store.patterns, Verdicts(Classifier.load, store.patterns))
        if output is None:
            write_annotations(rows, form, sys.stdout.buffer, files=several)
            sys.stdout.buffer.flush()
        else:
            with replacing(output) as stream:
                write_annotations(rows, form, stream, files=several)
            click.echo(f"{output}: {len(rows):,} rows", err=True)
    return complete(result)
