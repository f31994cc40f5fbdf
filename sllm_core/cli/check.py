"""`sllm check`: is the configuration valid, and what does it say?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sllm_core.cli.config_option import config_option

if TYPE_CHECKING:
    from sllm_core.loader import Plugins
    from sllm_core.settings import Settings


@click.command("check", short_help="Validate the configuration and print it as it holds.")
@config_option
@click.option("--schema", is_flag=True, help="Print the JSON Schema of the file instead, for editors.")
@click.option("--connect", is_flag=True, help="Ask each language model instead whether it is there.")
def command(config: Path, schema: bool, connect: bool) -> int:
    """Validate the configuration, with all plugins that it enables, and print it as it holds.

    Each value is followed by its origin: the file, an environment variable, a secret, or the default. Secrets are
    hidden. What would keep `sllm serve` from starting is told on standard error.

    With --connect, within ten seconds: where each model is, which weights it has, whether it answers and tells how
    sure it is; and what to type if not. The server may load the model for that.

    \b
    Exit codes: 0 all is well; 1 a model cannot be reached or used;
    2 wrong usage or configuration, every mistake named.
    """
    from sllm_core.loader import load_plugins
    from sllm_core.settings import load_settings
    from sllm_core.settings.effective import effective_toml, json_schema

    settings = load_settings(config)
    plugins = load_plugins(settings)
    if connect:
        return _connect(plugins)
    click.echo(json.dumps(json_schema(settings), indent=2, ensure_ascii=False) if schema else effective_toml(settings))
    _warn_of_service(settings)
    return 0


def _warn_of_service(settings: Settings) -> None:
    from sllm_core.cli.process import say
    from sllm_core.cli.service_diagnosis import is_about_service, obstacle

    if is_about_service(settings) and (found := obstacle(settings)):
        say(f"sllm serve would not start: {found}")


def _connect(plugins: Plugins) -> int:
    import asyncio

    from sllm_core.cli.connections import connections_text
    from sllm_core.diagnosis import diagnose_models

    found = asyncio.run(diagnose_models(plugins.models()))
    click.echo(connections_text(found), nl=False)
    return 1 if any(each.problem for each in found.values()) else 0
