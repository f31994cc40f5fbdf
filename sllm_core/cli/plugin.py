"""`sllm plugin <name> ...`: the commands that plugins bring."""

from __future__ import annotations

from pathlib import Path

import click

from sllm_core.cli.config_option import CONFIG, config_option


class PluginGroup(click.Group):
    """A group whose sub-groups are the enabled plugins that have commands; they are loaded when one is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The sections of the plugins that have commands; none, with a message, when the configuration is wrong."""
        from sllm_core.settings import SettingsError

        try:
            return list(self._groups(ctx))
        except SettingsError as error:
            click.echo(f"sllm: {error}", err=True)
            return []

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands, or that there are none."""
        if self.list_commands(ctx):
            super().format_commands(ctx, formatter)
        else:
            formatter.write("\nNo enabled plugin brings a command.\n")

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The commands of one plugin, as a group."""
        return self._groups(ctx).get(cmd_name)

    def _groups(self, ctx: click.Context) -> dict[str, click.Command]:
        if (found := ctx.meta.get(__name__)) is None:
            found = ctx.meta[__name__] = self._load(ctx)
        groups: dict[str, click.Command] = found
        return groups

    def _load(self, ctx: click.Context) -> dict[str, click.Command]:
        from sllm_core.loader import load_plugins
        from sllm_core.settings import load_settings

        plugins = load_plugins(load_settings(ctx.params.get("config") or CONFIG))
        return {
            section: click.Group(section, {each.name or "": each for each in commands}, help=f"Commands of {section}.")
            for section, commands in plugins.commands().items()
        }


@click.group("plugin", cls=PluginGroup)
@config_option
def command(config: Path) -> None:
    """Run a command that an enabled plugin brings."""
