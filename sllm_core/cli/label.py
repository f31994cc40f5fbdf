"""`sllm label`: what humans say of verdicts, from a file."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sllm_core.cli.config_option import config_option


@click.command("label", short_help="Import labels that humans gave, as CSV or JSON.")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, allow_dash=True))
@config_option
@click.option("--by", default="local", show_default=True, help="Who says so, where the file does not tell.")
def command(file: Path, config: Path, by: str) -> None:
    """Store what FILE (- is standard input) says of verdicts: CSV with a header, or a JSON object on each line.

    A row has a `task` (sentiment or anomaly), a `label`, and the `message`, `pattern` or `finding` that it is about;
    further fields are `right` (true or false), `note`, `by` and `source`. All of the file is stored, or nothing if it
    has a mistake; to import it twice is as once. Labels hold at once, and `sllm tune` learns from them.

    \b
      task,label,message
      anomaly,normal,nightly restart of worker 7
      sentiment,negative,payment of order 17 was declined

    The store is in use by one process at a time: send to POST /feedback while `sllm serve` runs.
    """
    from sllm_core.learning.feedback import FeedbackBox
    from sllm_core.learning.import_file import import_feedback, read_rows
    from sllm_core.learning.standing import standing_verdicts
    from sllm_core.opening import open_store
    from sllm_core.settings import load_settings

    settings = load_settings(config)
    text, name = _read(file)
    rows = read_rows(text, name)
    with open_store(settings) as store:
        box = FeedbackBox(store, standing_verdicts(store))
        count = import_feedback(store, box, rows, name, by)
    click.echo(f"{name}: {count:,} statements stored")


def _read(file: Path) -> tuple[str, str]:
    """What is in the file, and its name.

    Raises:
        PluginError: it is no text in UTF-8.
    """
    from sllm_core.plugin import PluginError

    name = "standard input" if str(file) == "-" else str(file)
    data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    try:
        return data.decode("utf-8"), name
    except UnicodeDecodeError as error:
        raise PluginError(f"{name}: it is no text in UTF-8: {error}") from error
