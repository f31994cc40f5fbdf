"""`sllm analyze`: a report on log files that a person reads, without configuration or server."""

from __future__ import annotations

from datetime import timedelta
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sllm_core.cli.inputs import (
    Inputs,
    language_option,
    parse_window,
    paths_argument,
    prepare_terminal,
    read_through,
    settings_for,
    timezone_option,
)
from sllm_core.cli.model_options import ModelOptions, model_options
from sllm_core.cli.output_file import form_of, write_out
from sllm_core.cli.second_look import SecondLook

if TYPE_CHECKING:
    from sllm_core.report import Report

FOUND = 4
"""The exit code when --fail-on is met."""

INCOMPLETE = 3


@click.command("analyze", short_help="Report on log files: what happened, what is wrong, since when.")
@paths_argument
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "html"]),
    help="What is written.  [default: by the name of FILE, else text]",
)
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Where to; else standard output.")
@language_option
@click.option(
    "--window",
    metavar="TIME",
    callback=parse_window,
    default="auto",
    show_default=True,
    help="Width of the windows that are compared, from 1s to 7d, e.g. 10m or 1h.",
)
@timezone_option
@model_options
@click.option(
    "--fail-on", type=click.Choice(["warning", "critical"]), help="Exit with 4 if the status is as bad as this."
)
def command(
    paths: tuple[str, ...],
    form: str | None,
    output: Path | None,
    language: str,
    window: timedelta | None,
    timezone: str,
    wanted: bool,
    config: Path | None,
    deadline: timedelta,
    fail_on: str | None,
) -> int:
    """Report on log files: summary, incidents with evidence, sentiment, top patterns and a time line.

    PATH is a file (plain, gzip, bz2 or zstd), a folder, a pattern such as 'logs/*.log', a pipe, or - for standard
    input. The format of the logs is found by itself.

    \b
    Examples:
      sllm analyze /var/log/syslog
      sllm analyze logs/ --language ko -o report.html
      kubectl logs deploy/shop | sllm analyze - --fail-on critical
      sllm analyze app.log --model --deadline 10m

    \b
    Exit codes: 0 done; 1 it could not be read or written to the end; 2 wrong usage,
    or no such file; 3 done, but something was left out; 4 --fail-on is met.
    """
    inputs, form = Inputs(paths, language, timezone, window), form or form_of(output)
    inputs.check_output(output)
    report = _analyze(inputs, ModelOptions(wanted, config, deadline))
    write_out(_written(report, form, output), output)
    return _exit_code(report, fail_on)


def _analyze(inputs: Inputs, model: ModelOptions) -> Report:
    from sllm_core.report import Observation, Reading, build_report
    from sllm_core.runner import Result, Runner
    from sllm_core.store import Store

    prepare_terminal(inputs)
    settings, observation = settings_for(inputs, model=model.tables()), Observation()

    def reading(result: Result, told: str = "") -> Reading:
        return Reading(
            inputs.names,
            result,
            store.findings(result.run.id),
            observation,
            store.patterns,
            runner.verdicts,
            inputs.language,
            inputs.zone,
            told,
        )

    with Store() as store, model.memory() as memory:
        runner = Runner(settings, store, observe=observation.observe, memory=memory, grace=inf)
        look = SecondLook.of(runner, lambda run: reading(Result(run, {})), model.deadline)
        result = read_through(inputs, runner, look.finish if look else None)
        return build_report(reading(result, look.told if look else ""))


def _written(report: Report, form: str, output: Path | None) -> str:
    from sllm_core import report as reports
    from sllm_core.cli.terminal import PLAIN, columns, is_coloured

    if form == "json":
        return reports.write_json(report)
    if form == "html":
        return reports.write_html(report)
    if output is not None:
        return reports.write_text(report, PLAIN)
    return reports.write_text(report, columns(), colour=is_coloured())


def _exit_code(report: Report, fail_on: str | None) -> int:
    from sllm_core.report.report import STATUSES

    if fail_on and STATUSES.index(report.status) >= STATUSES.index(fail_on):
        return FOUND
    return INCOMPLETE if report.failures or report.warnings else 0
