"""`sllm replay`: the past of a source, or files, once more through a topic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click

from sllm_core.cli.config_option import config_option
from sllm_core.cli.inputs import check_paths
from sllm_core.cli.moments import Moment, Span, moment_option

PARTITIONS = 8
"""Those of a topic that is created: so many workers may share it."""


@dataclass(frozen=True)
class Options:
    """What the command was given; `partitions` are those of a topic that may be created, else None."""

    config: Path
    paths: tuple[str, ...]
    source: str | None
    target: str | None
    topic: str
    span: Span
    rate: float | None
    parallel: int
    partitions: int | None
    again: bool
    dry: bool


@click.command("replay", short_help="Send a range of the past, or files, to a topic that workers read.")
@click.argument("paths", metavar="[PATH...]", nargs=-1, callback=check_paths)
@config_option
@click.option("--from", "source", metavar="SECTION", help="The section that has the past, such as elasticsearch.")
@moment_option("--since", "From when on: a date, or a date and time.")
@moment_option("--until", "Before when; a day is meant to its end.  [default: up to now]")
@click.option("--to", "target", metavar="SECTION", help="The section of the server that the topic is on.")
@click.option("--topic", required=True, metavar="TOPIC", help="The topic to send to.")
@click.option("--rate", type=click.FloatRange(0, min_open=True), metavar="N", help="At most N records a second.")
@click.option(
    "--parallel",
    type=click.IntRange(1, 32),
    default=4,
    show_default=True,
    metavar="N",
    help="How many parts of a range are read side by side.",
)
@click.option("--create", is_flag=True, help="Create the topic if there is none.")
@click.option(
    "--partitions",
    type=click.IntRange(1, 10_000),
    metavar="N",
    help=f"Partitions of a topic that is created.  [default: {PARTITIONS}]",
)
@click.option("--again", is_flag=True, help="Send everything once more, whatever was sent before.")
@click.option("--dry-run", "dry", is_flag=True, help="Only tell what there is to send.")
def command(
    config: Path,
    paths: tuple[str, ...],
    source: str | None,
    target: str | None,
    topic: str,
    since: Moment | None,
    until: Moment | None,
    rate: float | None,
    parallel: int,
    create: bool,
    partitions: int | None,
    again: bool,
    dry: bool,
) -> int:
    """Send the documents of a range of time, or the records of files, to a topic, in order of time.

    The workers that read the topic find in it what a direct analysis finds. A service's records of one host stay in
    order, in one partition. The same command goes on where it was stopped, or killed, and sends nothing twice to
    readers of committed messages, as sllm's are.

    \b
    Examples:
      sllm replay --from elasticsearch --since 2026-11-01 --until 2026-11-07 --topic logs.replay
      sllm replay 'old/*.log.gz' --topic logs.replay --create --partitions 8 --rate 20000

    \b
    Exit codes: 0 done; 1 it could not be sent to the end; 2 wrong usage or configuration;
    3 done, but a file was left out or not read to its end; 130 stopped.
    """
    if paths and source:
        raise click.UsageError("files are named, and --from too; leave one of them out")
    if partitions is not None and not create:
        raise click.UsageError("--partitions is about a topic that is created; add --create")
    count = (partitions or PARTITIONS) if create else None
    span = Span(_fixed(since, "--since"), _fixed(until, "--until"))
    return _run(Options(config, paths, source, target, topic, span, rate, parallel, count, again, dry))


def _fixed(moment: Moment | None, option: str) -> Moment | None:
    """The moment, if it is the same whenever the command is typed: what is sent already is known by it."""
    if moment is not None and not isinstance(moment.written, date):
        raise click.BadParameter("it is another time at each run; give a date or a date and time", param_hint=option)
    return moment


def _run(options: Options) -> int:
    from sllm_core import logs
    from sllm_core.cli.replay_ends import load_ends
    from sllm_core.cli.replay_run import replay
    from sllm_core.store import Store

    with Store() as store:
        ends = load_ends(options.config, (options.source, options.target), store)
        logs.configure(ends.settings.logging.level, ends.settings.logging.format)
        return replay(options, ends)
