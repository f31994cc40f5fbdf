"""`sllm dlq`: messages from Kafka that could not be read, looked at, sent back or forgotten."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .letter_choice import Choice, choosing

if TYPE_CHECKING:
    from .letter_topics import LetterTopic, Section

T = TypeVar("T")

form_option = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
names_argument = click.argument("names", metavar="[LETTER]...", nargs=-1)
most_option = click.option("--limit", type=click.IntRange(1), metavar="COUNT", help="At most so many.")
dry_option = click.option("--dry-run", "dry", is_flag=True, help="Only tell what would be done.")


@click.group("dlq", short_help="Messages from Kafka that could not be read: list, show, replay, drop.")
def command() -> None:
    """Look at the messages that the source `kafka` could not read, send them back once it can, or forget them.

    They lie in the topic <topic>.dlq with their bytes, their headers, and what was wrong with them. What has been
    replayed or dropped is remembered by the offsets of the group <group>.dlq; the letters stay until they are deleted.

    \b
    Exit codes: 0 done; 2 wrong usage or configuration, or Kafka cannot be reached;
    3 done, but some letters had to stay.
    """


@command.command("list", short_help="The newest letters.")
@choosing
@click.option(
    "--limit", type=click.IntRange(1), default=20, show_default=True, metavar="COUNT", help="At most so many."
)
@click.option("--new", "only_new", is_flag=True, help="Only those that have been neither replayed nor dropped.")
@form_option
def list_letters(choice: Choice, limit: int, only_new: bool, form: str) -> None:
    """List the newest letters, newest first: origin, when it was written, tries, state, error, and how the message
    begins. A letter is called by its origin: topic-partition-offset.
    """
    from .letter_listing import newest_letters
    from .letter_text import list_json, list_text

    section, selection, zone = choice.resolve()
    topics = _topics(section, choice)
    letters = _run(newest_letters(section, topics, selection, limit, only_new=only_new)) if topics else {}
    if form == "text" and not topics:
        click.echo(f"there are no dead letters of {section.name}")
    else:
        click.echo(list_json(topics, letters) if form == "json" else list_text(topics, letters, zone), nl=False)


@command.command("show", short_help="All of a letter.")
@click.argument("names", metavar="LETTER...", nargs=-1, required=True)
@choosing
@click.option("--raw", is_flag=True, help="Only the bytes of the message, as they are.")
@form_option
def show_letters(choice: Choice, raw: bool, form: str) -> None:
    """Show all of the letters that `sllm dlq list` has named.

    \b
      sllm dlq show logs.app-3-1207
      sllm dlq show logs.app-3-1207 --raw > message.bin
    """
    from .letter_listing import newest_letters
    from .letter_text import show_json, show_text

    section, selection, zone = choice.resolve()
    letters = _run(newest_letters(section, _topics(section, choice), selection, None))
    if missing := sorted(set(choice.names) - {each.name for each in letters}):
        raise click.UsageError(f"there is no letter {', '.join(missing)}; `sllm dlq list` names them")
    if raw:
        for each in letters:
            click.echo(each.value or b"", nl=False)
        return
    click.echo(show_json(letters) if form == "json" else show_text(letters, zone), nl=False)


@command.command("replay", short_help="Send messages back to their topics.")
@names_argument
@choosing
@most_option
@click.option("--all", "again", is_flag=True, help="Also those that have been replayed or dropped.")
@dry_option
@form_option
def replay_letters(choice: Choice, limit: int | None, again: bool, dry: bool, form: str) -> int:
    """Send the messages of all new letters, or of those that are named, back to the topics that they came from.

    Each goes as it was, once, into its partition, with the headers x-origin and x-attempts. It can be stopped at any
    time: what was sent is remembered with it. A message that was cut, or that its topic does not take, stays.
    """
    from .letter_actions import replay
    from .letter_progress import progress, tell
    from .letter_work import LetterWork

    section, selection, _ = choice.resolve()
    topics = _topics(section, choice)
    with progress(_size(topics, again=again)) as looked:
        work = LetterWork(selection, limit=limit, again=again, tell=looked)
        _run(replay(section, [each.name for each in topics], work, dry=dry))
    return tell(work.account, "would be replayed" if dry else "replayed", form)


@command.command("drop", short_help="Forget letters.")
@names_argument
@choosing
@most_option
@click.option("--delete", is_flag=True, help="Delete from Kafka what is done, up to the first letter that is new.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@dry_option
@form_option
def drop_letters(choice: Choice, limit: int | None, delete: bool, yes: bool, dry: bool, form: str) -> int:
    """Mark all new letters, or those that are named, as done, so that they are not replayed.

    They stay in their topic, and `sllm dlq replay --all` still sends them, unless they are deleted.
    """
    from .letter_actions import delete_done, drop
    from .letter_progress import progress, tell
    from .letter_work import LetterWork

    section, selection, _ = choice.resolve()
    topics = _topics(section, choice)
    names = [each.name for each in topics]
    if not (yes or dry):
        _confirm(topics, some=bool(selection or limit), delete=delete)
    with progress(_size(topics)) as looked:
        work = LetterWork(selection, limit=limit, whole=False, tell=looked)
        _run(drop(section, names, work, dry=dry))
    deleted = _run(delete_done(section, names)) if delete and not dry else 0
    return tell(work.account, "would be dropped" if dry else "dropped", form, deleted)


def _confirm(topics: Sequence[LetterTopic], *, some: bool, delete: bool) -> None:
    which = "Some of the" if some else "All"
    names = ", ".join(each.name for each in topics) or "no topic"
    what = "are marked as done, and what is done is deleted" if delete else "are marked as done"
    click.confirm(f"{which} {_size(topics):,} new letters of {names} {what}. Go on?", abort=True, err=True)


def _topics(section: Section, choice: Choice) -> list[LetterTopic]:
    from .letter_topics import letter_topics

    return _run(letter_topics(section, choice.topics))


def _size(topics: Sequence[LetterTopic], *, again: bool = False) -> int:
    return sum(each.count if again else each.new for each in topics)


def _run(step: Coroutine[Any, Any, T]) -> T:
    """What the step returns; what aiokafka says on its way is left to the error that the user gets."""
    logger = logging.getLogger("aiokafka")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        return asyncio.run(step)
    finally:
        logger.setLevel(before)
