"""`sllm eval`: how well analyzers judge messages whose labels are known."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sllm_core.cli.config_option import config_option
from sllm_core.cli.evaluation_data import STDIN, read_rows, shown_name
from sllm_core.cli.evaluation_judges import EMBEDDED, MODEL, Wanted, open_judges
from sllm_core.cli.evaluation_options import Limit, parse_columns, parse_limits, parse_model
from sllm_core.cli.inputs import check_paths, language_option, timezone_option
from sllm_core.cli.output_file import form_of, write_out

if TYPE_CHECKING:
    from sllm_core.evaluation.costs import Prices
    from sllm_core.evaluation.data import Data
    from sllm_core.evaluation.evaluate import Options
    from sllm_core.evaluation.meaning import Meaning
    from sllm_core.evaluation.reading import Rows
    from sllm_core.evaluation.results import Evaluation
    from sllm_core.evaluation.splits import Split
    from sllm_core.report.evaluated import EvaluationReport

FOUND = 4
"""The exit code when --fail-under is met."""

INCOMPLETE = 3


@click.command("eval", short_help="Measure analyzers on labelled messages: quality with intervals, cost, baselines.")
@click.argument("paths", metavar="DATA...", nargs=-1, required=True, callback=check_paths)
@click.option(
    "--analyzer", "analyzers", metavar="NAME", multiple=True,
    help="embedded, model, or an analyzer that the configuration enables; several are compared.  [default: embedded]",
)  # fmt: skip
@config_option
@click.option(
    "--model", metavar="PLUGIN:MODEL", callback=parse_model, help="Ask this model, e.g. ollama:llama3, and compare it."
)
@click.option(
    "--column", "columns", metavar="NAME=QUESTION[:LABEL=CLASS,...]", multiple=True, callback=parse_columns,
    help="What the labels of an analyzer answer, e.g. length=severity:long=warning.",
)  # fmt: skip
@click.option("--split", metavar="HOW", help="time=2026-03-01, time:0.7 or pattern:0.3: what is before is fitted on.")
@click.option("--calibrate", is_flag=True, help="Fit confidences on one part, measure the other, and keep the fit.")
@click.option("--resamples", type=click.IntRange(0, 100_000), default=1000, show_default=True, help="For intervals.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the resamples.")
@click.option("--price-in", type=click.FloatRange(0), help="Price of a million tokens of prompts.")
@click.option("--price-out", type=click.FloatRange(0), help="Price of a million tokens of answers.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "html"]),
    help="What is written.  [default: by the name of FILE, else text]",
)  # fmt: skip
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Where to; else standard output.")
@click.option(
    "--fail-under", "limits", metavar="FIGURE=VALUE", multiple=True, callback=parse_limits,
    help="Exit with 4 if the first analyzer is below, e.g. macro-f1=0.7 or severity.recall.critical=0.8.",
)  # fmt: skip
@language_option
@timezone_option
def command(
    paths: tuple[str, ...],
    analyzers: tuple[str, ...],
    config: Path,
    model: tuple[str, str] | None,
    columns: Mapping[str, Meaning],
    split: str | None,
    calibrate: bool,
    resamples: int,
    seed: int,
    price_in: float | None,
    price_out: float | None,
    form: str | None,
    output: Path | None,
    limits: tuple[Limit, ...],
    language: str,
    timezone: str,
) -> int:
    """Measure how well analyzers judge messages whose labels are known, beside simple rules that cost nothing.

    DATA is CSV or JSON Lines with the columns message, sentiment (positive, neutral, negative) and severity (normal,
    warning, critical), one of which may be missing; and, if there are, level, time, source, weight and pattern.
    Korean names (메시지, 감성, 심각도) and labels (긍정, 중립, 부정; 정상, 경고, 심각) are read too. - is standard
    input.

    \b
    Examples:
      sllm eval labelled.csv -o report.html
      sllm eval labelled.csv --model ollama:llama3 --split pattern:0.3 --calibrate
      sllm eval labelled.jsonl -c config.toml --analyzer embedded --analyzer length \\
          --column length=severity:long=warning --fail-under macro-f1=0.7

    Each row counts as the one line that it is, or as many as weight says. Rows of one pattern are not independent:
    intervals come from resampling patterns, and a split keeps a pattern on one side, or what is earlier. What is
    fitted (calibration, threshold) never sees what is measured. Where a model has no answer, the embedded verdict
    counts, as it does for users.

    An analyzer of a plugin is given one record for each pattern and level, alone in its window. Its findings are
    answers by their labels; with several on one record the worst counts, and where it says nothing, the record is
    normal, or neutral.

    \b
    Exit codes: 0 done; 1 it could not be written; 2 wrong usage, or nothing to measure;
    3 done, but rows were left out; 4 --fail-under is met.
    """
    from sllm_core.evaluation.evaluate import Options
    from sllm_core.report.output import check_writable

    wanted = Wanted(_names(analyzers, model), config, model, columns, language)
    options = Options(
        split=_split(split, timezone), calibrate=calibrate, resamples=resamples, seed=seed,
        prices=_prices(price_in, price_out),
    )  # fmt: skip
    _check(wanted, options)
    if output is not None:
        check_writable(output, [Path(each) for each in paths if each != STDIN])
    rows = read_rows(paths)
    found = _evaluate(wanted, rows, options, timezone)
    report = _report(paths, found, rows, language)
    if calibrate and not any(each.calibrations for each in found.judges):
        click.echo("sllm: nothing to calibrate: no analyzer gives the probabilities of all labels", err=True)
    write_out(_written(report, form or form_of(output), output), output)
    return _exit_code(report, limits)


def _names(analyzers: tuple[str, ...], model: tuple[str, str] | None) -> tuple[str, ...]:
    """The analyzers to measure, each once; a model that is named is measured too, and first."""
    names = dict.fromkeys(analyzers or ((MODEL, EMBEDDED) if model else (EMBEDDED,)))
    return tuple(dict.fromkeys([MODEL, *names] if model and MODEL not in names else names))


def _split(text: str | None, timezone: str) -> Split | None:
    from zoneinfo import ZoneInfo

    from sllm_core.evaluation.splits import parse_split

    try:
        return None if text is None else parse_split(text, ZoneInfo(timezone))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--split") from error


def _prices(prompt: float | None, answer: float | None) -> Prices:
    from sllm_core.evaluation.costs import Prices

    return Prices(prompt, answer)


def _check(wanted: Wanted, options: Options) -> None:
    """That what is asked for goes together.

    Raises:
        click.UsageError: it does not.
    """
    for name in wanted.meanings:
        if name not in wanted.analyzers:
            raise click.UsageError(f"--column {name} is about an analyzer that is not measured; add --analyzer {name}")
    if options.calibrate and options.split is None:
        raise click.UsageError(
            "--calibrate needs --split: what is fitted must not be measured; add --split pattern:0.3"
        )


def _evaluate(wanted: Wanted, rows: Rows, options: Options, timezone: str) -> Evaluation:
    from zoneinfo import ZoneInfo

    from sllm_core import logs
    from sllm_core.evaluation.data import label_data

    logs.configure_later("error", "auto")
    data = label_data(rows.rows, ZoneInfo(timezone))
    try:
        return asyncio.run(_measured(wanted, data, options))
    except KeyboardInterrupt as stop:
        kept = "; what the model has answered is kept, and not asked again" if MODEL in wanted.analyzers else ""
        raise KeyboardInterrupt(f"nothing was measured{kept}") from stop


async def _measured(wanted: Wanted, data: Data, options: Options) -> Evaluation:
    from sllm_core.cli.evaluation_progress import shown_progress
    from sllm_core.evaluation.evaluate import evaluate

    async with open_judges(wanted, data) as opened:
        with shown_progress() as advance:
            found = await evaluate(data, opened.judges, opened.stand_in, options, advance)
        for each in found.judges:
            if each.calibrations is not None:
                opened.keep(each.version, each.calibrations)
        return found


def _report(paths: tuple[str, ...], found: Evaluation, rows: Rows, language: str) -> EvaluationReport:
    from sllm_core.report.evaluated import EvaluationReport

    names = tuple("stdin" if each == STDIN else shown_name(each) for each in paths)
    return EvaluationReport(names, found, tuple(rows.bad), tuple(rows.mistakes()), language)


def _written(report: EvaluationReport, form: str, output: Path | None) -> str:
    from sllm_core.cli.terminal import PLAIN, columns, is_coloured

    if form == "json":
        from sllm_core.report.evaluation_document import evaluation_json

        return evaluation_json(report)
    if form == "html":
        from sllm_core.report.evaluation_page import evaluation_page

        return evaluation_page(report)
    from sllm_core.report.evaluation_text import evaluation_text

    if output is not None:
        return evaluation_text(report, PLAIN, colour=False)
    return evaluation_text(report, columns(), colour=is_coloured())


def _exit_code(report: EvaluationReport, limits: tuple[Limit, ...]) -> int:
    failed = [told for each in limits for told in each.missed(report.evaluation)]
    for told in failed:
        click.echo(f"sllm: {told}", err=True)
    if failed:
        return FOUND
    if report.bad:
        click.echo(f"sllm: {len(report.bad):,} rows were left out; the first: {report.bad[0]}", err=True)
    return INCOMPLETE if report.bad else 0
