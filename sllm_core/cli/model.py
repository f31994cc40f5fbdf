"""`sllm model`: which versions of models there are, and the switch between them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sllm_core.cli.config_option import config_option

if TYPE_CHECKING:
    from sllm_core.learning.learning import Learning
    from sllm_core.learning.versions import Version

BY = "local"

form_option = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to tell it."
)


@click.group("model", short_help="Versions of models that tuning made: list, show, promote, roll back.")
def command() -> None:
    """Look at the versions that tuning made, and choose the one that judges.

    The store is in use by one process at a time: with `sllm serve` use GET /models and the dashboard.

    \b
    Exit codes: 0 done; 1 a file could not be read or written;
    2 wrong usage or configuration, no store, a store in use, or a switch that cannot be made.
    """


@command.command("list", short_help="All versions, the newest first.")
@config_option
@form_option
def list_versions(config: Path, form: str) -> None:
    """List all versions, the newest first and the shipped one last; the one that judges has a star."""
    import json

    with _learning(config) as learning:
        versions = learning.registry.versions()
    if form == "json":
        click.echo(json.dumps([each.to_json() for each in versions], indent=2, ensure_ascii=False))
        return
    width = max(len(each.name) for each in versions)
    for each in versions:
        made = f"{each.made:%Y-%m-%d %H:%M}" if each.made else ""
        click.echo(f"{'*' if each.current else ' '} {each.name:{width}}  {each.tuner}  {each.state:9} {made}".rstrip())


@command.command("show", short_help="One version: where it comes from, and what the gate measured.")
@click.argument("version")
@config_option
@form_option
def show(version: str, config: Path, form: str) -> None:
    """Show where VERSION comes from, and what the gate measured."""
    import json

    from sllm_core.plugin import PluginError

    with _learning(config) as learning:
        found = learning.registry.find(version)
    if found is None:
        raise PluginError(f"there is no version {version!r}; `sllm model list` lists them")
    click.echo(json.dumps(found.to_json(), indent=2, ensure_ascii=False) if form == "json" else _text(found))


@command.command("promote", short_help="Let a version judge from now on.")
@click.argument("version")
@config_option
@click.option("--force", is_flag=True, help="Also one that did not pass the gate.")
def promote(version: str, config: Path, force: bool) -> None:
    """Let VERSION judge from now on."""
    with _learning(config) as learning:
        switched = learning.registry.promote(version, BY, force=force)
    click.echo(f"{switched.name} judges from now on")


@command.command("rollback", short_help="Let the version judge that did before.")
@click.argument("tuner", default="classifier")
@config_option
def rollback(tuner: str, config: Path) -> None:
    """Let the version of TUNER judge that did before the one of now."""
    with _learning(config) as learning:
        switched = learning.registry.rollback(tuner, BY)
    click.echo(f"{switched.name} judges again")


@contextmanager
def _learning(config: Path) -> Iterator[Learning]:
    """Raises: PluginError: there is no store yet, it is in use, or the configuration is wrong."""
    from sllm_core.learning.standing import standing_verdicts
    from sllm_core.opening import assemble, open_learning, open_store
    from sllm_core.plugin import PluginError
    from sllm_core.settings import load_settings

    settings = load_settings(config)
    if not (settings.store.path / "sllm.db").is_file():
        raise PluginError(f"{settings.store.path}: there is no store yet; `sllm run` makes one")
    with open_store(settings) as store:
        verdicts = standing_verdicts(store)
        yield open_learning(settings, store, verdicts, assemble(settings, store, verdicts))


def _text(version: Version) -> str:
    lines = [f"{version.name}: {version.state}" + (", judges now" if version.current else "")]
    lines += [f"tuner     {version.tuner}"] + ([f"base      {version.base}"] if version.base else [])
    lines += [f"{name:9} {value}" for name, value in version.lineage.items() if name != "terms"]
    for task, each in dict(version.report.get("tasks", {})).items():
        figures = f"{each['incumbent']:.3f} -> {each['candidate']:.3f} macro-F1 on {each['n']} patterns"
        lines.append(f"{task}: {figures} ({each['low']:+.3f} to {each['high']:+.3f}, p = {each['mcnemar_p']:g})")
    for each in version.report.get("checks", ()):
        lines.append(f"{'pass' if each['passed'] else 'FAIL'}  {each['name']}: {each['measured']} ({each['needed']})")
    return "\n".join(lines)
