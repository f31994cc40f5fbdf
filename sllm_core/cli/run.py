"""`sllm run`: the configured sources to their ends, without a server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sllm_core.cli.config_option import config_option

if TYPE_CHECKING:
    from sllm_core.report import Report
    from sllm_core.runner import Result, Runner
    from sllm_core.settings import Settings
    from sllm_core.store import Run, Store


@click.command("run", short_help="Read the configured sources, from where the last run stopped.")
@config_option
@click.option(
    "--language", type=click.Choice(["en", "ko"], case_sensitive=False), help="Instead of the configured one."
)
@click.option("-q", "--quiet", is_flag=True, help="No report at the end; for cron, and for pipes.")
def command(config: Path, language: str | None, quiet: bool) -> int:
    """Read what the sources have, from where the last run stopped, until they end; then report.

    Findings go to the sinks and the store as each window closes. A run that is stopped or killed loses nothing: the
    next one goes on. When there is nothing new, the last report is shown again.

    \b
    Exit codes: 0 done; 1 a source or a sink failed; 2 wrong usage or configuration;
    3 done, but an analyzer failed or something was not read; 130 stopped.
    """
    from sllm_core import logs
    from sllm_core.opening import open_store
    from sllm_core.settings import load_settings
    from sllm_core.tracing import tracing

    settings = load_settings(config, overrides={"language": language} if language else {})
    logs.configure(settings.logging.level, settings.logging.format)
    with tracing(settings.telemetry), open_store(settings, forget=True) as store:
        runner = _runner(settings, store, config)
        result = _run(runner)
        reported = not quiet and _tell(settings, store, result, runner)
        for warning in () if reported else result.warnings:
            click.echo(f"sllm: {warning}", err=True)
    return 3 if result.failures or result.warnings else 0


def _runner(settings: Settings, store: Store, config: Path) -> Runner:
    from sllm_core.plugin import PluginError
    from sllm_core.runner import Runner

    runner = Runner(settings, store)
    if not runner.sources:
        raise PluginError(f"{config}: no source is enabled, so there is nothing to read; add [plugins.file]")
    return runner


def _run(runner: Runner) -> Result:
    from sllm_core.cli.progress import run_with_progress
    from sllm_core.runner import RunFailed

    try:
        return run_with_progress(runner)
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt("the next run goes on from what is stored") from stop
    except RunFailed as error:
        raise RunFailed(f"{error}. The next run goes on from what is stored.") from error


def _tell(settings: Settings, store: Store, result: Result, runner: Runner) -> bool:
    """Whether there is a report, which has the warnings in it."""
    latest = result.run if result.run.records else store.latest_run()
    if result.run.records == 0:
        click.echo(_nothing_new(latest, settings))
    if latest is not None:
        _show(_report(settings, store, result, latest, runner))
    return latest is not None


def _show(report: Report) -> None:
    from sllm_core.cli.terminal import columns, is_coloured
    from sllm_core.report import write_text

    click.echo(write_text(report, columns(), colour=is_coloured()), nl=False)


def _nothing_new(latest: Run | None, settings: Settings) -> str:
    from zoneinfo import ZoneInfo

    korean = settings.language == "ko"
    if latest is None:
        return (
            "새로운 레코드도, 이전 보고서도 없습니다." if korean else "Nothing is new, and there is no earlier report."
        )
    when = f"{latest.started.astimezone(ZoneInfo(settings.timezone)):%Y-%m-%d %H:%M} {settings.timezone}"
    if korean:
        return f"새로운 레코드가 없습니다. 마지막 보고서({when}):\n"
    return f"Nothing is new. The last report, of {when}:\n"


def _report(settings: Settings, store: Store, result: Result, run: Run, runner: Runner) -> Report:
    from dataclasses import replace
    from zoneinfo import ZoneInfo

    from sllm_core.report import Observation, Reading, build_report

    observation = Observation()
    runs = [*store.unfinished_before(run), run]
    for window in (window for each in runs for window in store.windows(each.id)):
        observation.add(window)
    repaired, late = sum(each.repaired for each in runs), sum(each.late for each in runs)
    run = replace(run, records=observation.records, repaired=repaired, late=late)
    reading = Reading(
        _inputs(settings, store, runner),
        replace(result, run=run),
        [finding for each in runs for finding in store.findings(each.id)],
        observation,
        store.patterns,
        runner.verdicts,
        settings.language,
        ZoneInfo(settings.timezone),
    )
    return build_report(reading)


def _inputs(settings: Settings, store: Store, runner: Runner) -> tuple[str, ...]:
    from sllm_core.report.inputs import file_names, topic_names
    from sllm_core.report.words import words

    names: list[str] = []
    for section in (each.section for each in settings.plugins):
        shards = store.cursors(section)
        shared = section in runner.shared
        names += topic_names(shards, words(settings.language)) if shared else file_names(shards, str(settings.folder))
    return tuple(dict.fromkeys(names)) or ("sllm",)
