"""The option that names the configuration file, the same in every command that reads one."""

from __future__ import annotations

from pathlib import Path

import click

CONFIG = Path("config.toml")

config_option = click.option(
    "-c",
    "--config",
    type=click.Path(path_type=Path),
    default=CONFIG,
    envvar="SLLM_CONFIG",
    is_eager=True,
    show_default=True,
    help="The configuration file.",
)
"""-c/--config, else SLLM_CONFIG, else config.toml in the current folder; eager, since `sllm plugin` finds by it."""
