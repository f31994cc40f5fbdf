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
    from sllm_core.learning.pruning import Pruned
    from sllm_core.loader import Assembly

BY = "local"

form_option = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to tell it."
)


@click.group("model", short_help="Versions of models that tuning made: list, show, compare, promote, roll back, prune.")
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
    from sllm_core.cli.model_text import version_text

    click.echo(json.dumps(found.to_json(), indent=2, ensure_ascii=False) if form == "json" else version_text(found))


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


@command.command("diff", short_help="Two versions: figures, conditions, data and where they come from.")
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@config_option
@form_option
def diff(first: str, second: str, config: Path, form: str) -> None:
    """Show how version B differs from version A: what the gate measured of each, its conditions, the labels that were
    added, removed or changed, and what it was made from."""
    import json

    from sllm_core.cli.model_text import diff_text
    from sllm_core.learning.differing import version_diff

    with _learning(config) as learning:
        found = version_diff(learning.registry, first, second)
    click.echo(json.dumps(found.to_json(), indent=2, ensure_ascii=False) if form == "json" else diff_text(found))


@command.command("prune", short_help="Remove versions that nobody goes back to.")
@config_option
@click.option(
    "--keep", type=click.IntRange(min=0), default=3, show_default=True, help="Through so many one can still go back."
)
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
def prune(config: Path, keep: int, dry_run: bool) -> int:
    """Remove versions with their files, and what they left on a model server. The version that judges is kept, those
    that rollbacks lead through, what was there first, and what would be made again from the same labels.

    Exit code 3: something could not be removed.
    """
    import asyncio

    with _opened(config) as (learning, assembly):
        if dry_run:
            removed = [each.name for each in learning.pruning.superfluous(keep)]
            click.echo("\n".join([*(f"would remove {name}" for name in removed)] or ["nothing to remove"]))
            return 0
        found = asyncio.run(_pruned(learning, assembly, keep))
    click.echo("\n".join([*(f"removed {name}" for name in found.removed)] or ["nothing to remove"]))
    for name, why in found.failed:
        click.echo(f"kept {name}: {why}", err=True)
    return 3 if found.failed else 0


async def _pruned(learning: Learning, assembly: Assembly, keep: int) -> Pruned:
    try:
        return await learning.pruning.prune(keep)
    finally:
        if assembly.model is not None:
            await assembly.model.close()


@contextmanager
def _learning(config: Path) -> Iterator[Learning]:
    """Raises: PluginError: there is no store yet, it is in use, or the configuration is wrong."""
    with _opened(config) as (learning, _):
        yield learning


@contextmanager
def _opened(config: Path) -> Iterator[tuple[Learning, Assembly]]:
    """Raises: as `_learning` does."""
    from sllm_core.learning.standing import standing_verdicts
    from sllm_core.opening import assemble, open_learning, open_store
    from sllm_core.plugin import PluginError
    from sllm_core.settings import load_settings

    settings = load_settings(config)
    if not (settings.store.path / "sllm.db").is_file():
        raise PluginError(f"{settings.store.path}: there is no store yet; `sllm run` makes one")
    with open_store(settings) as store:
        verdicts = standing_verdicts(store)
        assembly = assemble(settings, store, verdicts)
        yield open_learning(settings, store, verdicts, assembly), assembly
