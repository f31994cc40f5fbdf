"""Where a report of a command goes: its form by the name of the file, and the file or standard output."""

from __future__ import annotations

from pathlib import Path

import click


def form_of(output: Path | None) -> str:
    """json or html by the suffix of the file, else text."""
    suffix = output.suffix.lower() if output else ""
    return {".json": "json", ".html": "html", ".htm": "html"}.get(suffix, "text")


def write_out(text: str, output: Path | None) -> None:
    """Write to the file, whole or not at all, and say so; without one to standard output."""
    if output is None:
        click.echo(text, nl=False)
        return
    from sllm_core.report.output import replacing

    with replacing(output) as stream:
        stream.write(text.encode())
    click.echo(f"{output}: written", err=True)
