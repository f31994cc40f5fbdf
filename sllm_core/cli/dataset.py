"""`sllm dataset`: what tuning learns from, to be looked at, kept and handed on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sllm_core.cli.config_option import config_option

if TYPE_CHECKING:
    from sllm_core.learning.dataset import Dataset, Part
    from sllm_core.safety import Preparation

TASKS = ("sentiment", "anomaly", "summary")
PARTS = ("train", "dev", "test", "golden", "recent")

task_option = click.option(
    "--task", "tasks", type=click.Choice(TASKS), multiple=True, help="Only this task; may be given several times."
)


@dataclass(frozen=True)
class _Built:
    """A dataset, where it may be kept, and what its texts and prompts are made with."""

    dataset: Dataset
    models: Path
    prepare: Preparation
    language: str


@click.group("dataset", short_help="What tuning learns from: build, show, export.")
def command() -> None:
    """Look at what tuning learns from: labels that people gave, and what independent labellers agree on.

    Texts are redacted and neutralised as in prompts. A pattern is in one part for all tasks and for ever: train is
    learnt, dev is tried on while learning, test, golden and recent (what was labelled last) are measured on.

    \b
    Exit codes: 0 done; 1 a file could not be written;
    2 wrong usage or configuration, no store, or a store in use.
    """


@command.command("build", short_help="Write the dataset of now among the models of the store.")
@config_option
def build(config: Path) -> None:
    """Write the dataset of now among the models of the store, as a run of tuning does, and say where.

    The same labels give the same dataset, under the same name. A run of tuning removes it unless a version is made
    from it.
    """
    from sllm_core.learning.dataset_files import keep_dataset

    with _built(config) as built:
        click.echo(keep_dataset(built.dataset, built.models))


@command.command("show", short_help="How much there is of what, and what was set aside and why.")
@config_option
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to tell it."
)
def show(config: Path, form: str) -> None:
    """Show how many examples there are by task, part and label, by who labelled them and from where, and what was set
    aside and why."""
    import json

    from sllm_core.cli.dataset_text import dataset_text

    with _built(config) as built:
        manifest = {**built.dataset.manifest, "replay": len(built.dataset.replay)}
    click.echo(json.dumps(manifest, indent=2, ensure_ascii=False) if form == "json" else dataset_text(manifest))


@command.command("export", short_help="Examples as JSON, or as chats for other tools, one a line.")
@click.argument("file", metavar="[FILE]", required=False, type=click.Path(path_type=Path, dir_okay=False))
@config_option
@task_option
@click.option("--part", "parts", type=click.Choice(PARTS), multiple=True, help="Only this part; by default all.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "chat"]),
    default="json",
    show_default=True,
    help="json: examples; chat: messages of system, user and assistant.",
)
@click.option("--group", type=click.IntRange(1, 16), default=8, show_default=True, help="Patterns of a chat, at most.")
def export(
    file: Path | None, config: Path, tasks: tuple[str, ...], parts: tuple[Part, ...], form: str, group: int
) -> None:
    """Write the examples to FILE, by default to standard output: one JSON object on each line.

    Chats are the questions that sllm asks a language model, with the answers that it should give; by default those of
    the part train, with what is replayed, since to learn the others would spoil what is measured.
    """
    from sllm_core.cli.output_file import write_out

    with _built(config) as built:
        chosen = _of_tasks(built.dataset, tasks)
        lines = _examples(chosen, parts) if form == "json" else _chats(chosen, parts or ("train",), group, built)
        text = "".join(f"{line}\n" for line in lines)
    write_out(text, file)


def _of_tasks(dataset: Dataset, tasks: tuple[str, ...]) -> Dataset:
    from dataclasses import replace

    if not tasks:
        return dataset
    kept, replayed = (tuple(each for each in some if each.task in tasks) for some in (dataset.examples, dataset.replay))
    return replace(dataset, examples=kept, replay=replayed)


def _examples(dataset: Dataset, parts: tuple[Part, ...]) -> Iterator[str]:
    import json

    chosen = dataset.of_parts(*parts) if parts else dataset.examples
    yield from (json.dumps(each.to_json(), ensure_ascii=False) for each in chosen)


def _chats(dataset: Dataset, parts: tuple[Part, ...], group: int, built: _Built) -> Iterator[str]:
    import json

    from sllm_core.learning.asking import rows
    from sllm_core.prompts.judge import CONTEXT

    for row in rows(dataset, built.language, built.prepare, CONTEXT, parts, group):
        said = (("system", row.prompt.system), ("user", row.prompt.user), ("assistant", row.answer))
        messages = [{"role": role, "content": content} for role, content in said]
        yield json.dumps({"messages": messages}, ensure_ascii=False)


@contextmanager
def _built(config: Path) -> Iterator[_Built]:
    """The dataset of now.

    Raises:
        PluginError: there is no store yet, it is in use, or the configuration is wrong.
    """
    from sllm_core.learning.artefacts import MODELS
    from sllm_core.learning.building import Builder
    from sllm_core.opening import open_store, redactor
    from sllm_core.plugin import PluginError
    from sllm_core.safety import Preparation
    from sllm_core.settings import load_settings

    settings = load_settings(config)
    if not (settings.store.path / "sllm.db").is_file():
        raise PluginError(f"{settings.store.path}: there is no store yet; `sllm run` or `sllm label` makes one")
    with open_store(settings) as store:
        prepare = Preparation(redactor(settings), (), store.secret())
        dataset = Builder(store, prepare, settings.learning).build()
        yield _Built(dataset, settings.store.path / MODELS, prepare, settings.language)
