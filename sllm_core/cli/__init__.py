"""The command `sllm`: one file per command, each imported only when it is called."""

from __future__ import annotations

import importlib
import sys
from importlib import metadata
from pathlib import Path

import click

COMMANDS = (
    "analyze",
    "annotate",
    "patterns",
    "eval",
    "redact",
    "run",
    "serve",
    "tune",
    "key",
    "label",
    "dataset",
    "model",
    "replay",
    "state",
    "check",
    "doctor",
    "plugins",
    "plugin",
)


class ReaderGone(Exception):
    """Who read the output has had enough of it, as `head` has."""


class Commands(click.Group):
    """Finds `sllm <name>` as the object `command` in `sllm_core.cli.<name>`, else among those that are installed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return _names()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in COMMANDS:
            command: click.Command = importlib.import_module(f"sllm_core.cli.{cmd_name}").command
            return command
        from sllm_core.cli.installed import installed_commands, load_command

        found = installed_commands().get(cmd_name)
        return None if found is None else load_command(found)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command; a name that is none is answered with what may have been meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(f"{error.format_message()}{_meant(args[0])}", ctx) from error

    def invoke(self, ctx: click.Context) -> object:
        """What the command returns.

        Raises:
            ReaderGone: the output is a pipe that was closed; click itself would end with 1.
        """
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ReaderGone from error


def _names() -> list[str]:
    from sllm_core.cli.installed import installed_commands

    return [*COMMANDS, *(each for each in sorted(installed_commands()) if each not in COMMANDS)]


def _meant(name: str) -> str:
    from difflib import get_close_matches

    if name == "-" or Path(name).exists():
        return f" For a report on it: sllm analyze {name}"
    return "".join(f" Did you mean {each!r}?" for each in get_close_matches(name, _names(), 1))


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
    Exit codes:
      0    done
      1    the run failed: something could not be read or written on the way
      2    wrong usage or configuration
      3    done, but something was left out: an analyzer failed, a file was not read
      4    done, and it is as bad as --fail-on says
      130  stopped by Ctrl-C (143 by SIGTERM, 129 by SIGHUP)
    """


def main() -> None:
    """The entry point: errors that the user can mend are one message and an exit code, never a traceback."""
    from sllm_core.cli.process import Stop, collect_seldom, leave, open_streams, say, use_one_thread
    from sllm_core.plugin import PluginError

    use_one_thread()
    collect_seldom()
    open_streams()
    stop, code = Stop(), 1
    try:
        stop.listen()
        code = sllm(standalone_mode=False) or 0
        sys.stdout.flush()
    except click.ClickException as error:
        code = _told(error)
    except (click.Abort, KeyboardInterrupt) as error:
        stop.heard()
        code = stop.code
        say("; ".join(["stopped", *map(str, (error.__cause__ or error).args)]))
    except PluginError as error:
        code = error.exit_code
        say(str(error))
    except (ReaderGone, BrokenPipeError):
        code = 0
    except OSError as error:
        say(f"{error.filename or 'standard output cannot be written'}: {error.strerror or error}")
    leave(code)


def _told(error: click.ClickException) -> int:
    import contextlib

    with contextlib.suppress(OSError):
        error.show()
    return error.exit_code
