"""`sllm label`: what humans say of verdicts, asked in the terminal or read from files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sllm_core.cli.config_option import config_option

if TYPE_CHECKING:
    from sllm_core.safety import Preparation
    from sllm_core.settings import Settings
    from sllm_core.store import Store

TASKS = ("anomaly", "sentiment")


@click.command("label", short_help="Give labels: asked one by one, or from files as CSV or JSON.")
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@config_option
@click.option("--task", type=click.Choice(TASKS), help="What is asked, without FILE: how bad (anomaly), or the tone.")
@click.option("--by", default="local", show_default=True, help="Who says so, where a file does not tell.")
def command(files: tuple[Path, ...], config: Path, task: str | None, by: str) -> None:
    """Say what verdicts should have been. Without FILE, the patterns of the store are shown one by one, with examples,
    and a key gives the label: first what the classifier and the language model disagree on, then what is doubtful and
    frequent. What has a label is not asked again, so the next call goes on. Standard input may also be a file or a
    pipe, with one key on each line.

    With FILE (- is standard input), what it says is stored: CSV with a header, or a JSON object on each line.

    A row has a `task` (sentiment or anomaly), a `label`, and the `message`, `pattern` or `finding` that it is about;
    further fields are `right` (true or false), `note`, `by` and `source`. With the `task` summary, it names a `finding`
    and has the `text` that the summary should have been. All of a file is stored, or nothing if it has a mistake; to
    import it twice is as once. Labels hold at once, and `sllm tune` learns from them.

    \b
      task,label,message
      anomaly,normal,nightly restart of worker 7
      sentiment,negative,payment of order 17 was declined

    The store is in use by one process at a time: use the dashboard or POST /feedback while `sllm serve` runs.
    """
    from sllm_core.settings import load_settings

    if files and task:
        raise click.UsageError("--task goes without FILE: the rows of a file name their tasks")
    settings = load_settings(config)
    if files:
        _import(settings, files, by)
    else:
        _ask(settings, task or TASKS[0], by)


def _import(settings: Settings, files: tuple[Path, ...], by: str) -> None:
    from sllm_core.learning.feedback import FeedbackBox
    from sllm_core.learning.import_file import import_feedback, read_rows
    from sllm_core.learning.standing import standing_verdicts

    read = [(name, read_rows(text, name)) for text, name in map(_read, files)]
    with _store(settings) as store:
        box = FeedbackBox(store, standing_verdicts(store))
        for name, rows in read:
            count = import_feedback(store, box, rows, name, by)
            click.echo(f"{name}: {count:,} statements stored")


def _ask(settings: Settings, task: str, by: str) -> None:
    """Ask about pattern after pattern.

    Raises:
        PluginError: there is no store yet.
    """
    from sllm_core.plugin import PluginError

    if not (settings.store.path / "sllm.db").is_file():
        raise PluginError(f"{settings.store.path}: there is no store yet; `sllm run` makes one")
    with _store(settings) as store:
        _asked(settings, store, task, by)


def _asked(settings: Settings, store: Store, task: str, by: str) -> None:
    from functools import partial

    from rich.console import Console

    from sllm_core.cli.keys_pressed import keys_pressed
    from sllm_core.cli.label_loop import LabelLoop
    from sllm_core.cli.label_words import label_words
    from sllm_core.cli.terminal import is_coloured
    from sllm_core.learning.feedback import FeedbackBox
    from sllm_core.learning.next_to_label import examples_of, next_to_label
    from sllm_core.learning.standing import standing_verdicts
    from sllm_core.opening import redactor
    from sllm_core.review.known import known_verdicts
    from sllm_core.safety import Preparation

    verdicts, words = standing_verdicts(store), label_words(settings.language)
    if settings.models:
        verdicts.adopt(known_verdicts(store))
    subjects = next_to_label(store, verdicts, task)
    if not subjects:
        click.echo(words.nothing)
        return
    prepare = Preparation(redactor(settings), (), store.secret())
    console = Console(color_system="auto" if is_coloured() else None, soft_wrap=False)
    with keys_pressed() as keys:
        box = FeedbackBox(store, verdicts)
        loop = LabelLoop(console, keys, box, words, task, by, partial(examples_of, store, prepare))
        try:
            loop.run(subjects)
        except KeyboardInterrupt:
            console.print()
    click.echo(words.end.format(f"{loop.given:,}"))
    _tell_lack(settings, store, prepare, task)


def _tell_lack(settings: Settings, store: Store, prepare: Preparation, task: str) -> None:
    """How many labels a version still needs."""
    from sllm_core.cli.label_words import label_words
    from sllm_core.learning.building import Builder
    from sllm_core.learning.gate import Gate

    words = label_words(settings.language)
    missing = Gate(settings.learning).missing(Builder(store, prepare, settings.learning).build(), (task,))
    for each in missing:
        what, have, needed = each["what"], each["have"], each["needed"]
        click.echo(words.lacking.format(needed - have, words.lacks.get(what, what), have, needed))
    if not missing:
        click.echo(words.enough)


def _store(settings: Settings) -> Store:
    from sllm_core.opening import open_store
    from sllm_core.store import StoreError

    try:
        return open_store(settings)
    except StoreError as error:
        if "in use" not in str(error):
            raise
        page = f"http://{settings.service.host}:{settings.service.port}/kinds"
        raise StoreError(f"{error}; if that is `sllm serve`, give labels on its dashboard: {page}") from error


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
