"""`sllm plugin elasticsearch-sink templates`: the index templates, for an administrator to put."""

from __future__ import annotations

import json

import click

from sllm_plugins.elasticsearch.sink_config import ElasticsearchSinkConfig


def template_command(config: ElasticsearchSinkConfig) -> click.Command:
    """The command that prints the templates of what is written under this configuration."""

    def show() -> None:
        for template in config.templates:
            click.echo(f"PUT _index_template/{template.name}\n{json.dumps(template.body, indent=2)}\n")

    about = "Print the index templates, as Kibana's Dev Tools take them."
    return click.Command("templates", callback=show, help=about, short_help=about)
