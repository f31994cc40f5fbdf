"""The options with which a command asks a language model: whether, which, and for how long."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sllm_core.store import Store

USUAL = "ollama"
"""The plugin that is asked where no configuration says otherwise."""

NO_TEXTS = MappingProxyType({"texts": 0})
"""Words are wanted for what the report shows, not for each window."""


@dataclass(frozen=True)
class ModelOptions:
    """Whether a model is asked, by which configuration (None: Ollama's usual address), and how long to wait for it."""

    wanted: bool = False
    config: Path | None = None
    deadline: timedelta = timedelta(minutes=5)

    def tables(self) -> dict[str, Any]:
        """What the configuration says of the model, as nested tables.

        Raises:
            SettingsError: the file is not valid.
            PluginError: it enables no model.
        """
        if not self.wanted:
            return {}
        if self.config is None:
            return {"plugins": {USUAL: {}}, "model": NO_TEXTS}
        from sllm_core.plugin import PluginError
        from sllm_core.settings import load_settings

        settings = load_settings(self.config)
        if not settings.models:
            raise PluginError(f"{self.config}: no language model is enabled; add [plugins.{USUAL}]")
        plugins = {
            each.section: {"plugin": each.installed.name, **each.config.model_dump(exclude_unset=True)}
            for each in settings.models
        }
        sections = {name: getattr(settings, name).model_dump(exclude_unset=True) for name in ("model", "redaction")}
        return {"plugins": plugins, **sections, "model": {**sections["model"], **NO_TEXTS}}

    @contextmanager
    def memory(self) -> Iterator[Store | None]:
        """Where the answers of earlier commands are kept; None where no model is asked, or it cannot be had.

        That is the store of the configuration, if there is one, so that what `sllm eval --calibrate` found holds.
        """
        from sllm_core.store import Store, StoreError

        with ExitStack() as stack:
            store = None
            if self.wanted:
                with suppress(StoreError):
                    store = stack.enter_context(Store(self._folder()))
            yield store

    def _folder(self) -> Path:
        from sllm_core.settings import load_settings

        configured = load_settings(self.config).store.path if self.config else None
        return configured if configured and configured.is_dir() else cache_folder(os.environ)


def cache_folder(environ: Mapping[str, str]) -> Path:
    """The folder `sllm` in that of the user's caches."""
    return Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sllm"


def model_options(command: Callable[..., int]) -> Callable[..., int]:
    """The options --model, --config and --deadline, as one argument `model`."""
    return click.option(
        "--model/--no-model", "wanted", default=False, help="Let a language model take a second look.  [default: no]"
    )(
        click.option(
            "-c",
            "--config",
            type=click.Path(path_type=Path, dir_okay=False),
            help="Take [model], [redaction] and the model's plugin from this file.  [default: ollama, by OLLAMA_MODEL]",
        )(
            click.option(
                "--deadline",
                metavar="TIME",
                callback=parse_deadline,
                default="5m",
                show_default=True,
                help="How long to wait for the model, e.g. 30s or 10m.",
            )(command)
        )
    )


def parse_deadline(ctx: click.Context, parameter: click.Parameter, value: str) -> timedelta:
    """A time above 0.

    Raises:
        click.BadParameter: it is none.
    """
    from sllm_core.settings.fields import parse_duration

    try:
        deadline = parse_duration(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    if deadline <= timedelta(0):
        raise click.BadParameter("a deadline is above 0")
    return deadline
