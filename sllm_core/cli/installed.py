"""Commands that distributions bring: entry points of the group `sllm.commands`, loaded when one is called."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

import click

GROUP = "sllm.commands"


def installed_commands() -> dict[str, EntryPoint]:
    """The commands by name; where two distributions bring one of the same name, the first by their names."""
    found = sorted(entry_points(group=GROUP), key=lambda each: (each.name, each.dist.name if each.dist else ""))
    return {each.name: each for each in reversed(found)}


def load_command(entry: EntryPoint) -> click.Command:
    """The command of an entry point; where it cannot be loaded, one that says so when it is called."""
    try:
        command = entry.load()
    except Exception as error:
        return _broken(entry, f"cannot be loaded: {type(error).__name__}: {error}")
    return command if isinstance(command, click.Command) else _broken(entry, f"{entry.value} is no click.Command")


def _broken(entry: EntryPoint, what: str) -> click.Command:
    owner = entry.dist.name if entry.dist else entry.value

    def fail(_: tuple[str, ...]) -> None:
        raise click.ClickException(f"sllm {entry.name} of {owner}: {what}; reinstall or upgrade {owner}")

    anything = [click.Argument(["_"], nargs=-1, type=click.UNPROCESSED)]
    settings = {"ignore_unknown_options": True}
    return click.Command(
        entry.name, context_settings=settings, params=list(anything), callback=fail, short_help="Cannot be loaded."
    )
