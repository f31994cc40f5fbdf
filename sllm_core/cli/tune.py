"""`sllm tune`: a run of tuning in the terminal, without a server."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sllm_core.cli.config_option import config_option

if TYPE_CHECKING:
    from sllm_core.clock.runs import TuningRun, TuningRuns
    from sllm_core.learning.orders import Order, TuningResult
    from sllm_core.settings import Settings
    from sllm_core.store import Store

AGAIN = "the next run of tuning goes on, and what serves is as it was"


@click.command("tune", short_help="Learn from what people said of verdicts; what scores worse never goes live.")
@config_option
@click.option("--tuner", "tuners", metavar="NAME", multiple=True, help="Only this tuner; may be given several times.")
@click.option("--task", "tasks", metavar="NAME", multiple=True, help="Only this task: sentiment, anomaly or summary.")
@click.option("--dry-run", is_flag=True, help="Train and measure, but promote nothing.")
def command(config: Path, tuners: tuple[str, ...], tasks: tuple[str, ...], dry_run: bool) -> int:
    """Train the enabled tuners on the labels that people gave, measure what comes of it beside what serves now, and
    promote it if it is better.

    `sllm serve` does the same every night ([schedule] tune), and at POST /fine-tune. While it runs it has the store,
    and is to be asked instead of this command.

    \b
    Exit codes: 0 done, whatever the gate said; 1 the run failed; 2 wrong usage or configuration,
    also no tuner enabled; 130 stopped: the next run goes on.
    """
    from sllm_core import logs
    from sllm_core.learning.orders import Order
    from sllm_core.settings import load_settings

    settings = load_settings(config)
    logs.configure(settings.logging.level, settings.logging.format)
    with _store(settings) as store:
        result = _run(settings, store, Order(tuners, tasks, dry_run))
    version = f" {result.version}" if result.version else ""
    click.echo(f"{result.outcome}{version}: {result.detail}")
    return 0


def _store(settings: Settings) -> Store:
    from sllm_core.opening import open_store
    from sllm_core.store import StoreError

    try:
        return open_store(settings)
    except StoreError as error:
        if "in use" not in str(error):
            raise
        section = settings.service
        asked = f"curl -X POST http://{section.host}:{section.port}/fine-tune"
        raise StoreError(f"{error}; if that is `sllm serve`, ask it instead: {asked}") from error


def _run(settings: Settings, store: Store, order: Order) -> TuningResult:
    """What came of a run.

    Raises:
        PluginError: it could not begin, or failed.
    """
    try:
        return asyncio.run(_tuned(settings, store, order))
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt(AGAIN) from stop


async def _tuned(settings: Settings, store: Store, order: Order) -> TuningResult:
    from sllm_core.learning.standing import serve_standing, standing_verdicts
    from sllm_core.opening import assemble, open_learning, open_runs

    verdicts = standing_verdicts(store)
    assembly = assemble(settings, store, verdicts)
    if assembly.model is not None:
        await asyncio.to_thread(serve_standing, store, assembly.tuners)
    runs = open_runs(store, assembly, open_learning(settings, store, verdicts, assembly))
    try:
        return _result(await _watched(runs, await _begun(runs, order)))
    finally:
        await runs.stop(why=f"the command was stopped; {AGAIN}")
        if assembly.model is not None:
            await assembly.model.close()


async def _begun(runs: TuningRuns, order: Order) -> TuningRun:
    from sllm_core.clock.claims import ClaimsAway
    from sllm_core.clock.runs import ClaimedElsewhere
    from sllm_core.failures import RunFailed

    try:
        return await runs.start(order, "command", _user())
    except ClaimedElsewhere as error:
        raise RunFailed(str(error)) from error
    except ClaimsAway as error:
        raise RunFailed(f"whether another worker is tuning cannot be known now: {error}") from error


def _user() -> str:
    from getpass import getuser

    try:
        return getuser()
    except (KeyError, OSError, ImportError):  # a container may have numbers of users alone
        return "local"


async def _watched(runs: TuningRuns, run: TuningRun) -> TuningRun:
    """The run when it is over; meanwhile it is shown."""
    from sllm_core.cli.tune_progress import shown_run

    with shown_run() as show:
        while not run.is_over:
            show(run)
            await runs.change()
            run = runs.find(run.id) or run
        show(run)
    return run


def _result(run: TuningRun) -> TuningResult:
    from sllm_core.failures import RunFailed

    if run.result is None:
        raise RunFailed(run.error)
    return run.result
