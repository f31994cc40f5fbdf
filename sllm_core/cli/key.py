"""`sllm key`: API keys for `sllm serve`, which sees at once what is made or revoked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sllm_core.cli.config_option import config_option

if TYPE_CHECKING:
    from sllm_core.settings import Settings
    from sllm_core.settings.sections import KeyScope
    from sllm_core.web.keys import Key

SCOPES = ("read", "analyze", "admin")


@click.group("key", short_help="API keys for `sllm serve`: create, list, revoke.")
def command() -> None:
    """API keys for `sllm serve`. As soon as there is one, nobody is answered without.

    Only digests are kept, in keys.json in the folder of the store.
    """


def _named(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    """The name.

    Raises:
        click.BadParameter: it cannot be that of a key.
    """
    from sllm_core.web.keys import NAME

    if not NAME.fullmatch(value):
        raise click.BadParameter("a name has up to 64 letters, digits, dots, dashes and underscores")
    return value


@command.command("create")
@config_option
@click.argument("name", callback=_named)
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(SCOPES),
    multiple=True,
    default=("read", "analyze"),
    show_default=True,
    help="What it may do: read findings; analyze: send logs and questions; admin: everything. May be given again.",
)
@click.option("--rate", type=click.FloatRange(0, 1e6), help="Requests a second, 0 any number; else [service] rate.")
@click.option("--toml", is_flag=True, help="Keep nothing: print what goes into config.toml too, on standard error.")
def create(config: Path, name: str, scopes: tuple[KeyScope, ...], rate: float | None, toml: bool) -> None:
    """Make a key for a client and print it. It is shown this once."""
    from sllm_core.plugin import PluginError
    from sllm_core.web.keys import changing, configured_keys, key_file, new_key

    settings = _settings(config)
    text, key = new_key(name, list(dict.fromkeys(scopes)), rate)
    with changing(key_file(settings)) as keys:
        if name in keys or any(each.name == name for each in configured_keys(settings)):
            raise PluginError(f"there is a key {name} already; revoke it first, or choose another name")
        if not toml:
            keys[name] = key
    click.echo(
        _toml(key) if toml else f"sllm: {name} may {', '.join(key.scopes)}; its key is shown this once:", err=True
    )
    click.echo(text)


@command.command("list")
@config_option
def show(config: Path) -> None:
    """Which keys there are, and what they may do. The keys themselves are known to nobody."""
    from sllm_core.web.keys import configured_keys, key_file, read_keys

    settings = _settings(config)
    found = [(each, "config.toml") for each in configured_keys(settings)]
    found += [(each, str(key_file(settings))) for each in read_keys(key_file(settings))]
    for key, where in found:
        rate = "" if key.rate is None else f", {key.rate:g} requests a second"
        made = f", made {key.created:%Y-%m-%d %H:%M} UTC" if key.created else ""
        click.echo(f"{key.name}: {', '.join(key.scopes)}{rate}{made} ({where})")
    if not found:
        click.echo("sllm: there are no API keys; `sllm key create NAME` makes one", err=True)


@command.command("revoke")
@config_option
@click.argument("name")
def revoke(config: Path, name: str) -> None:
    """Make a key worthless, for a service that runs as well, within a second."""
    from sllm_core.plugin import PluginError
    from sllm_core.web.keys import changing, configured_keys, key_file

    settings = _settings(config)
    if any(each.name == name for each in configured_keys(settings)):
        raise PluginError(f"{name} stands in {config}: remove its [[service.keys]] there and start again")
    with changing(key_file(settings)) as keys:
        if name not in keys:
            raise PluginError(f"there is no key {name}; `sllm key list` shows those that there are")
        del keys[name]
    click.echo(f"sllm: {name} is revoked", err=True)


def _settings(config: Path) -> Settings:
    from sllm_core.settings import load_settings

    return load_settings(config)


def _toml(key: Key) -> str:
    scopes = ", ".join(f'"{each}"' for each in key.scopes)
    rate = "" if key.rate is None else f"\nrate = {key.rate:g}"
    return f'[[service.keys]]\nname = "{key.name}"\ndigest = "{key.digest}"\nscopes = [{scopes}]{rate}\n'
