"""The command `sllm`: one file per command, each imported only when it is called."""

from __future__ import annotations

import importlib
import os
import sys
from importlib import metadata

import click

COMMANDS = ("analyze", "annotate", "patterns", "run", "check", "plugins", "plugin")


class Commands(click.Group):
    """Finds `sllm <name>` as the object `command` in `sllm_core.cli.<name>`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"sllm_core.cli.{cmd_name}").command
        return command


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"sllm {metadata.version('sllm')}")
        ctx.exit()


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Show the version."
)
def sllm() -> None:
    """Reads logs and says what they tell: sentiment, anomalies, summaries, in Korean or English.

    \b
    Exit codes: 0 done; 1 the run failed or was stopped; 2 wrong usage or configuration;
    3 done, but something was left out (an analyzer failed, a file could not be read); 4 see --fail-on.
    """


def main() -> None:
    """The entry point: errors that the user can mend are one message and an exit code, never a traceback."""
    from sllm_core.plugin import PluginError

    try:
        sys.exit(sllm(standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped; run it again to go on", err=True)
        sys.exit(130)
    except PluginError as error:
        click.echo(f"sllm: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
