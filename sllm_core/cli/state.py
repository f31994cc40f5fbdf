"""`sllm state`: what the store has, and its patterns from one machine to another."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sllm_core.cli.config_option import config_option

if TYPE_CHECKING:
    from sllm_core.settings import Settings
    from sllm_core.store import Store

STREAM = "-"


@click.group("state", short_help="What the store has; its patterns from one machine to another.")
def command() -> None:
    """Look at the store, and hand its patterns from one machine to another.

    The store is in use by one process at a time: stop `sllm run` first.

    \b
    Exit codes: 0 done; 1 a file could not be read or written;
    2 wrong usage or configuration, no store, a store in use, or mistakes in a document.
    """


@command.command("show", short_help="How much is stored, and how much room there is.")
@config_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def show(config: Path, form: str) -> None:
    """Tell where the store is and what it has: patterns of each source beside their limit, aliases, windows, findings,
    runs, and the version of the mask that makes templates.
    """
    import json

    settings, store = _existing(config)
    with store:
        figures = _figures(settings, store)
    click.echo(json.dumps(figures, indent=2, ensure_ascii=False) if form == "json" else _text(figures))


@command.command("export", short_help="Write the patterns as JSON.")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, allow_dash=True))
@config_option
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.option("--without-examples", is_flag=True, help="Leave the example of each pattern out.")
def export(file: Path, config: Path, force: bool, without_examples: bool) -> None:
    """Write all patterns as JSON to FILE, or to standard output if it is -: ids, templates, aliases, examples, and when
    each was seen.

    An example is a line of the log and may hold secrets or personal data, so only the owner may read FILE. Give
    --without-examples where the document goes to others; patterns that are known by their example alone are then
    carried over a change of the mask by their template.

    \b
      sllm state export - | jq -r '.patterns[] | select(.alias == null) | .template'
    """
    from sllm_core.store.document import write_document

    if file.is_file() and not force:
        raise click.UsageError(f"{file} is there already; give --force to write over it")
    with _existing(config)[1] as store:
        document = write_document(store.known(), examples=not without_examples)
    if str(file) == STREAM:
        click.echo(document, nl=False)
    else:
        _write(file, document)


@command.command("import", short_help="Add the patterns of another machine.")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, allow_dash=True))
@config_option
def take_in(file: Path, config: Path) -> None:
    """Add what `sllm state export` wrote to FILE (- is standard input) to the patterns that are there.

    Nothing is lost or overwritten, nothing happens if the document has a mistake, and to do it twice is as once. Ids
    that were made with another key, or by an older mask, lead to those of this machine.
    """
    from sllm_core.opening import open_store
    from sllm_core.settings import load_settings
    from sllm_core.store.document import read_document

    settings = load_settings(config)
    known = read_document(*_read(file))
    with open_store(settings) as store:
        before = len(store.patterns)
        store.take_in(known)
        after = len(store.patterns)
    click.echo(f"{len(known.rows):,} ids read; patterns: {before:,} before, {after:,} now")


def _existing(config: Path) -> tuple[Settings, Store]:
    """The configuration and its store.

    Raises:
        PluginError: there is none yet, it is in use, or it is damaged.
    """
    from sllm_core.opening import open_store
    from sllm_core.plugin import PluginError
    from sllm_core.settings import load_settings

    settings = load_settings(config)
    if not (settings.store.path / "sllm.db").is_file():
        raise PluginError(f"{settings.store.path}: there is no store yet; `sllm run` makes one")
    return settings, open_store(settings)


def _read(file: Path) -> tuple[bytes, str]:
    """What is in the file, and its name."""
    return (sys.stdin.buffer.read(), "standard input") if str(file) == STREAM else (file.read_bytes(), str(file))


def _write(file: Path, document: bytes) -> None:
    """Write beside the file first, so that it is either as it was or whole; a pipe or a device is written as it is."""
    import os
    from tempfile import NamedTemporaryFile

    if file.exists() and not file.is_file():
        file.write_bytes(document)
        return
    with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as beside:
        try:
            beside.write(document)
            beside.flush()
            os.fsync(beside.fileno())
            os.replace(beside.name, file)
        except BaseException:
            os.unlink(beside.name)
            raise


def _figures(settings: Settings, store: Store) -> dict[str, Any]:
    from sllm_core.patterns.ids import MASK_VERSION

    there, folder = store.overview(), settings.store.path
    start, end = (None if each is None else each.isoformat() for each in (there.start, there.end))
    return {
        "path": str(folder),
        "bytes": sum(each.stat().st_size for each in folder.iterdir() if each.is_file()),
        "mask": MASK_VERSION,
        "older_masks": sum(row.mask not in (MASK_VERSION, "") for row in store.patterns.rows()),
        "limit": settings.patterns.limit,
        "sources": _sources(store),
        "windows": {"count": there.windows, "start": start, "end": end},
        "findings": there.findings,
        "runs": there.runs,
        "shards": there.shards,
    }


def _sources(store: Store) -> dict[str, dict[str, int]]:
    """By the source that brought them in: the patterns, those that gave way to others, and the places they take."""
    from collections import Counter

    rows = [row for row in store.patterns.rows() if row.mask]
    ids = Counter(row.source for row in rows)
    aliases = Counter(row.source for row in rows if row.alias_of is not None)
    return {
        each: {
            "patterns": ids[each] - aliases[each],
            "aliases": aliases[each],
            "taken": store.patterns.taken(each),
        }
        for each in sorted(ids)
    }


def _text(figures: dict[str, Any]) -> str:
    from sllm_core.report.plain import plain

    windows = figures["windows"]
    lines = [
        f"store     {figures['path']} ({figures['bytes'] / 1e6:,.1f} MB)",
        f"windows   {windows['count']:,}" + (f", {windows['start']} to {windows['end']}" if windows["count"] else ""),
        f"findings  {figures['findings']:,}",
        f"runs      {figures['runs']:,}",
        f"shards    {figures['shards']:,}",
        f"mask      {figures['mask']}"
        + (
            f", with {figures['older_masks']:,} ids of older ones that lead to today's"
            if figures["older_masks"]
            else ""
        ),
    ]
    for source, each in figures["sources"].items():
        taken = f"{each['taken']:,} of {figures['limit']:,} places taken"
        lines.append(f"{plain(source)}: {each['patterns']:,} patterns, {each['aliases']:,} aliases; {taken}")
    return "\n".join(lines)
