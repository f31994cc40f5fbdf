"""`sllm check`: is the configuration valid, and what does it say?"""

from __future__ import annotations

import json
from pathlib import Path

import click

from sllm_core.cli.config_option import config_option


@click.command("check", short_help="Validate the configuration and print it as it holds.")
@config_option
@click.option("--schema", is_flag=True, help="Print the JSON Schema of the file instead, for editors.")
def command(config: Path, schema: bool) -> None:
    """Validate the configuration, with all plugins that it enables, and print it as it holds.

    Each value is followed by its origin: the file, an environment variable, a secret, or the default. Secrets are
    hidden. Exit code 2 when something is wrong; every mistake is named.
    """
    from sllm_core.loader import load_plugins
    from sllm_core.settings import load_settings
    from sllm_core.settings.effective import effective_toml, json_schema

    settings = load_settings(config)
    load_plugins(settings)
    click.echo(json.dumps(json_schema(settings), indent=2, ensure_ascii=False) if schema else effective_toml(settings))
