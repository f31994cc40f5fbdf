"""`sllm plugins`: which plugins are installed, and which of them are on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sllm_core.cli.config_option import config_option

if TYPE_CHECKING:
    from sllm_core.settings.declarations import Declaration
    from sllm_core.settings.installed import InstalledPlugin


@dataclass(frozen=True)
class PluginRow:
    """A plugin as the table shows it; `distribution` is missing when it is configured but not installed."""

    name: str
    distribution: str | None
    version: str | None
    enabled: bool
    sections: tuple[str, ...]


@click.command("plugins", short_help="Which plugins are installed, and which are enabled.")
@config_option
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def command(config: Path, form: str) -> None:
    """List the installed plugins, and which of them the configuration enables. Imports none of them."""
    from sllm_core.loader import available_plugins
    from sllm_core.settings.loading import declared_in

    declared, mistakes = declared_in(config)
    for mistake in mistakes:
        click.echo(f"sllm: {mistake}", err=True)
    rows = tuple(plugin_rows(available_plugins(), declared))
    if form == "json":
        click.echo(json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False))
    else:
        click.echo(_table(rows), nl=False)


def plugin_rows(installed: Sequence[InstalledPlugin], declared: Sequence[Declaration]) -> Iterator[PluginRow]:
    """One row for each installed plugin, then one for each that is enabled and not installed."""
    for plugin in installed:
        sections = _sections(plugin.name, declared)
        yield PluginRow(plugin.name, plugin.distribution, plugin.version, bool(sections), sections)
    known = {plugin.name for plugin in installed}
    for name in dict.fromkeys(each.plugin for each in declared if each.enabled and each.plugin not in known):
        yield PluginRow(name, None, None, True, _sections(name, declared))


def _sections(name: str, declared: Sequence[Declaration]) -> tuple[str, ...]:
    return tuple(each.section for each in declared if each.plugin == name and each.enabled)


def _table(rows: Sequence[PluginRow]) -> str:
    from rich.table import Table
    from rich.text import Text

    from sllm_core.cli.terminal import columns, is_coloured
    from sllm_core.report.text import render

    table = Table("plugin", "distribution", "version", "enabled")
    for row in rows:
        state = ", ".join(row.sections) if row.sections else "no"
        cells = (row.name, row.distribution or "not installed", row.version or "", state)
        table.add_row(*map(Text, cells))
    return render(iter((table,)), columns(), colour=is_coloured())
