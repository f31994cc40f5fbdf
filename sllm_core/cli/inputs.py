"""Reading the paths that a command is given, without configuration or server: once, and with nothing left behind."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

if TYPE_CHECKING:
    from sllm_core.classifier import Verdicts
    from sllm_core.patterns import PatternTable
    from sllm_core.records import LogBatch
    from sllm_core.runner import Finish, Result, Runner
    from sllm_core.settings import Settings
    from sllm_core.store import Store

STDIN = "-"
PATIENCE = "1h"
"""How long an analyzer may take over one window: a person waits, and no stream piles up behind it."""

ANALYZERS = ("sentiment", "anomaly", "summary")

MODEL_NAMES = ("OLLAMA_API_URL", "OLLAMA_MODEL")
"""What of the environment holds for a model that is asked without configuration."""


@dataclass(frozen=True)
class Inputs:
    """What is read, and how: `window` None is chosen by the time that the files span, 1 h where that is not known."""

    paths: tuple[str, ...]
    language: str = "en"
    timezone: str = "UTC"
    window: timedelta | None = None

    def files(self) -> list[Path]:
        """The files, pipes and devices that the paths name, without standard input.

        Raises:
            PluginError: no file matches a path.
        """
        from sllm_core.reading import expand

        paths = [Path(each) for each in self.paths if each != STDIN]
        return expand(paths) if paths else []

    @property
    def several(self) -> bool:
        """Whether there is more than one thing to read."""
        return len(self.files()) + (STDIN in self.paths) > 1

    @property
    def typed(self) -> bool:
        """Whether somebody types the input."""
        return STDIN in self.paths and sys.stdin is not None and sys.stdin.isatty()

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the name `timezone`."""
        return ZoneInfo(self.timezone)

    @property
    def names(self) -> tuple[str, ...]:
        """How the inputs are called in a report."""
        return tuple(dict.fromkeys("stdin" if each == STDIN else each for each in self.paths))

    def check_output(self, output: Path | None) -> None:
        """Before long work, that the output can be written after it and is none of the files that are read.

        Raises:
            PluginError: it cannot, or it is one of them; or no file matches a path.
        """
        from sllm_core.report.output import check_writable

        if output is not None:
            check_writable(output, self.files())


def check_paths(ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """The paths as they are.

    Raises:
        click.BadParameter: one is empty, as when a variable in a script is not set.
    """
    if not all(each.strip() for each in value):
        raise click.BadParameter("an empty path names no file; is a variable not set?")
    return value


def parse_window(ctx: click.Context, parameter: click.Parameter, value: str) -> timedelta | None:
    """A width from 1s to 7d; None for `auto`.

    Raises:
        click.BadParameter: it is neither.
    """
    from sllm_core.settings.fields import parse_duration

    if value == "auto":
        return None
    try:
        width = parse_duration(value)
    except ValueError as error:
        raise click.BadParameter(f"{error}; or auto") from error
    if not timedelta(seconds=1) <= width <= timedelta(days=7):
        raise click.BadParameter("a window has from 1s to 7d")
    return width


def parse_zone(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    """The name of a zone in the IANA database.

    Raises:
        click.BadParameter: it is none.
    """
    try:
        return ZoneInfo(value).key
    except (KeyError, ValueError, OSError) as error:
        hint = "give a name such as UTC, Asia/Seoul or Europe/Berlin"
        raise click.BadParameter(f"{value!r} is no time zone; {hint}") from error


def default_language(environ: Mapping[str, str]) -> str:
    """`ko` if the locale of the environment is Korean, else `en`."""
    locale = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    return "ko" if locale.lower().startswith("ko") else "en"


def language_option(command: Callable[..., int]) -> Callable[..., int]:
    """The option --language, by default as the locale says."""
    return click.option(
        "--language",
        type=click.Choice(["en", "ko"], case_sensitive=False),
        default=lambda: default_language(os.environ),
        help="Language of all texts.  [default: by LC_ALL or LANG]",
    )(command)


def timezone_option(command: Callable[..., int]) -> Callable[..., int]:
    """The option --timezone."""
    text = "Zone of times that are written without one, and of all times shown, e.g. Asia/Seoul."
    return click.option("--timezone", metavar="ZONE", callback=parse_zone, default="UTC", show_default=True, help=text)(
        command
    )


def paths_argument(command: Callable[..., int]) -> Callable[..., int]:
    """The argument PATH..., at least one."""
    return click.argument("paths", metavar="PATH...", nargs=-1, required=True, callback=check_paths)(command)


def settings_for(
    inputs: Inputs, analyzers: Sequence[str] = ANALYZERS, model: Mapping[str, Any] | None = None
) -> Settings:
    """Settings that read the inputs and nothing else, and ask the `model` whose tables these are.

    Raises:
        PluginError: no file matches a path.
    """
    from sllm_core.report.span import natural_width
    from sllm_core.settings import settings_from

    found = inputs.files()
    files = [each for each in found if each.is_file() or each.is_dir()]
    window = inputs.window or natural_width(files, inputs.zone) or timedelta(hours=1)
    sources: dict[str, object] = {"file": {"path": list(map(str, files))}} if files else {}
    if STDIN in inputs.paths:
        sources["stdin"] = {}
    for number, pipe in enumerate((each for each in found if each not in files), 1):
        sources[f"pipe-{number}"] = {"plugin": "stdin", "path": str(pipe)}
    asked = dict(model or {})
    plugins = {**asked.pop("plugins", {}), **sources, **{name: {} for name in analyzers}}
    return settings_from(
        {
            **asked,
            "language": inputs.language,
            "timezone": inputs.timezone,
            "pipeline": {"window": window.total_seconds(), "analyzer_timeout": PATIENCE},
            "plugins": plugins,
        },
        environ={name: os.environ[name] for name in MODEL_NAMES if model and name in os.environ},
    )


@contextmanager
def reading(
    inputs: Inputs,
    observe: Callable[[LogBatch], None],
    analyzers: Sequence[str] = ANALYZERS,
    patterns: PatternTable | None = None,
) -> Iterator[tuple[Result, Store]]:
    """As `judging`, for those that need no verdicts, or others."""
    with judging(inputs, observe, analyzers, patterns) as (result, store, _):
        yield result, store


@contextmanager
def judging(
    inputs: Inputs,
    observe: Callable[[LogBatch], None],
    analyzers: Sequence[str] = ANALYZERS,
    patterns: PatternTable | None = None,
) -> Iterator[tuple[Result, Store, Verdicts]]:
    """Read all inputs to their ends, with a progress bar on a terminal; the store is in memory and closed afterwards.

    The verdicts are those that the analyzers have asked for; `patterns` may be the table of an earlier reading.

    Raises:
        PluginError: no file matches a path.
        RunFailed: the reading stopped.
    """
    from sllm_core.runner import Runner
    from sllm_core.store import Store

    prepare_terminal(inputs)
    settings = settings_for(inputs, analyzers)
    with Store(None, patterns) as store:
        runner = Runner(settings, store, observe=observe)
        yield read_through(inputs, runner), store, runner.verdicts


def prepare_terminal(inputs: Inputs) -> None:
    """Before reading: what sllm logs, and a word for who types the input."""
    from sllm_core import logs

    logs.configure_later("error", "auto")
    if inputs.typed:
        click.echo("sllm: reading what is typed here; Ctrl-D at the beginning of a line ends it", err=True)


def read_through(inputs: Inputs, runner: Runner, finish: Finish | None = None) -> Result:
    """Run to the end, with a progress bar unless the input is typed; `finish` as `Runner.run` has it.

    Raises:
        RunFailed: the reading stopped.
    """
    from sllm_core.cli.progress import run_with_progress

    return run_with_progress(runner, shown=not inputs.typed, finish=finish)


def complete(result: Result) -> int:
    """The exit code of a command that read: 3 if something was left out, of which it tells on standard error."""
    for warning in result.warnings:
        click.echo(f"sllm: {warning}", err=True)
    return 3 if result.failures or result.warnings else 0
