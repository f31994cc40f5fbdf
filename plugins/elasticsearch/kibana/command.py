"""`sllm kibana`: the dashboard, data views and saved searches on the findings, to and from Kibana."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce, wraps
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sllm_core.cli.config_option import config_option

if TYPE_CHECKING:
    from sllm_plugins.elasticsearch.kibana.client import Kibana
    from sllm_plugins.elasticsearch.kibana.saved_objects import Saved

URL = "http://localhost:5601"


def _kibana_options(function: Callable[..., None]) -> Callable[..., None]:
    """Gives the function, as `kibana`, the Kibana that the options name."""

    @wraps(function)
    def connected(
        *, url: str, space: str, api_key: str, user: str, password: str, ca_file: str, insecure: bool, **others: object
    ) -> None:
        from sllm_plugins.elasticsearch.kibana.client import Kibana

        trusted: bool | str = False if insecure else ca_file or True
        function(kibana=Kibana(url, space, api_key, user, password, trusted), **others)

    options = (
        click.option("--url", default=URL, show_default=True, envvar="KIBANA_URL", help="Where Kibana is."),
        click.option("--space", default="", help="The space of Kibana; else the default one."),
        click.option("--api-key", default="", envvar="KIBANA_API_KEY", help="Better given as KIBANA_API_KEY."),
        click.option("--user", default="", envvar="KIBANA_USER"),
        click.option("--password", default="", envvar="KIBANA_PASSWORD", help="Better given as KIBANA_PASSWORD."),
        click.option("--ca-file", default="", help="The certificates to trust."),
        click.option("--insecure", is_flag=True, help="Trust any certificate."),
    )
    return reduce(lambda command, option: option(command), reversed(options), connected)


_language = click.option("--language", type=click.Choice(["en", "ko"]), help="Of the titles; else the configured one.")


@click.group("kibana", short_help="A dashboard on the findings for Kibana.")
def command() -> None:
    """Show the findings in Kibana: a dashboard, data views and saved searches for what `elasticsearch-sink` writes.

    Kibana 8.9 or later takes them in. They have ids of their own, so that a second import replaces the first.

    \b
    Exit codes: 0 done; 2 wrong usage or configuration, or Kibana cannot be reached or refuses.
    """


@command.command("export", short_help="Write the saved objects as NDJSON.")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, allow_dash=True), default="-")
@config_option
@_language
@click.option("--from-kibana", is_flag=True, help="Those that Kibana has now, changed by hand perhaps.")
@_kibana_options
def export(file: Path, config: Path, language: str | None, from_kibana: bool, kibana: Kibana) -> None:
    """Write the saved objects to FILE (standard output if it is -), for Stack Management > Saved Objects > Import."""
    from sllm_plugins.elasticsearch.kibana.saved_objects import ndjson

    objects = _objects(config, language)
    ids = {each["id"]: each["type"] for each in objects}
    text = kibana.give_out(ids) if from_kibana else ndjson(objects)
    with click.open_file(str(file), "w", encoding="utf-8", atomic=str(file) != "-") as stream:
        stream.write(text)


@command.command("import", short_help="Put the saved objects into Kibana.")
@click.argument("file", metavar="[FILE]", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)
@config_option
@_language
@click.option("--keep", is_flag=True, help="Leave objects alone that are there; they are then named as refused.")
@_kibana_options
def take_in(file: Path | None, config: Path, language: str | None, keep: bool, kibana: Kibana) -> None:
    """Put the saved objects into Kibana, or those of FILE, and say where the dashboard is."""
    from sllm_plugins.elasticsearch.kibana.saved_objects import ndjson

    objects = _objects(config, language)
    text = file.read_text(encoding="utf-8") if file else ndjson(objects)
    number = kibana.take_in(text, overwrite=not keep)
    click.echo(f"{number} saved objects: {kibana.address}/app/dashboards#/view/{objects[-1]['id']}")


def _objects(config: Path, language: str | None) -> list[Saved]:
    """For the indices of the first section of the sink; where the configuration has none, for the usual ones."""
    from sllm_core.settings import load_settings
    from sllm_plugins.elasticsearch.kibana.saved_objects import saved_objects
    from sllm_plugins.elasticsearch.sink_config import ElasticsearchSinkConfig

    if not config.is_file():
        return saved_objects(language=language or "en")
    settings = load_settings(config)
    sections = (each.config for each in settings.plugins if isinstance(each.config, ElasticsearchSinkConfig))
    sink = next(sections, None)
    if sink is None:
        return saved_objects(language=language or settings.language)
    return saved_objects(sink.index, sink.labels_index if sink.annotate else "", language or settings.language)
