"""The options by which `sllm patterns` chooses patterns and writes them."""

from __future__ import annotations

import re
from collections.abc import Callable

import click

Command = Callable[..., int]

SENTIMENTS = ("positive", "neutral", "negative")
ORDERS = ("count", "first", "last", "problem", "trend", "template")


def _searched(ctx: click.Context, parameter: click.Parameter, value: str | None) -> re.Pattern[str] | None:
    from sllm_core.report.selection import searched

    try:
        return None if value is None else searched(value)
    except re.error as error:
        raise click.BadParameter(f"{value} is no regular expression: {error}") from error


def _levels(ctx: click.Context, parameter: click.Parameter, value: str | None) -> frozenset[str]:
    from sllm_core.records import LEVELS
    from sllm_core.report.selection import NO_LEVEL

    if value is None:
        return frozenset()
    names = [each.strip().upper() for each in value.split(",") if each.strip()]
    unknown = [each for each in names if each not in (*LEVELS, NO_LEVEL)]
    if unknown:
        raise click.BadParameter(f"{', '.join(unknown)} is no level; there are {', '.join((*LEVELS, NO_LEVEL))}")
    return frozenset(names)


def selecting(command: Command) -> Command:
    """The options that say which patterns are shown."""
    for option in reversed(
        (
            click.option("--search", metavar="TEXT", callback=_searched, help="In template or example; or /regex/."),
            click.option(
                "--level", "levels", metavar="LEVEL,...", callback=_levels, help="With such a level; NONE: without one."
            ),
            click.option("--sentiment", type=click.Choice(SENTIMENTS), help="With this sentiment."),
            click.option(
                "--problem",
                type=click.FloatRange(0, 1),
                default=0.0,
                metavar="0..1",
                help="As likely trouble at least.",
            ),
            click.option(
                "--min-count",
                type=click.IntRange(min=0),
                default=0,
                metavar="NUMBER",
                help="With so many records at least.",
            ),
        )
    ):
        command = option(command)
    return command


def writing(command: Command) -> Command:
    """The options that say how patterns are shown."""
    limit = click.IntRange(min=0)
    for option in reversed(
        (
            click.option(
                "--sort", "order", type=click.Choice(ORDERS), default="count", show_default=True, help="By what."
            ),
            click.option("--reverse", is_flag=True, help="The other way round."),
            click.option(
                "--limit",
                type=limit,
                metavar="NUMBER",
                default=50,
                show_default=True,
                help="How many, of each kind with --diff (text only); 0: all.",
            ),
            click.option("--examples", is_flag=True, help="One message below each pattern."),
            click.option(
                "--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True
            ),
        )
    ):
        command = option(command)
    return command
