"""What can be done with letters: send their messages back, forget them, delete them."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from aiokafka.admin import RecordsToDelete
from aiokafka.errors import KafkaError

from sllm_core.plugin import PluginError

from .letter_marks import Done, keep
from .letter_reading import letter_reader
from .letter_topics import Section, explained, letter_topics
from .letter_transactions import LetterTransactions
from .letter_work import LetterWork
from .reaching import administration
from .topic_creation import Topic, describe
from .topics import missing_topics, topic_partitions

if TYPE_CHECKING:
    from aiokafka.structs import TopicPartition

    from .producer import Message
    from .stored_letter import StoredLetter


Messages = Callable[[Sequence["StoredLetter"]], Awaitable[list["Message"]]]
"""What is sent for letters."""


class Revival:
    """Makes the messages of letters once more, for the topics that they came from."""

    def __init__(self, section: Section, now: Callable[[], float] = time.time) -> None:
        self._section, self._now = section, now
        self._topics: dict[str, Topic] = {}

    async def messages(self, letters: Sequence[StoredLetter]) -> list[Message]:
        """The messages.

        Raises:
            PluginError: a topic that they came from is gone; how to create it.
        """
        return [self._message(each, await self._topic(each.home[0])) for each in letters]

    def _message(self, letter: StoredLetter, topic: Topic) -> Message:
        """With its own time, unless the topic would forget it soon, or it is still to come."""
        age = self._now() * 1000 - letter.timestamp
        kept = age >= 0 and (topic.retention < 0 or age < topic.retention / 2)
        return letter.revived(topic.partitions, letter.timestamp if kept else None)

    async def _topic(self, name: str) -> Topic:
        if name not in self._topics:
            connection, section = self._section.connection, self._section.name
            async with administration(connection, section) as admin:
                found = await describe(admin, name)
                if found is None:
                    known = await topic_partitions(admin)
                    raise PluginError(missing_topics([name], known, section, connection.bootstrap_servers))
            self._topics[name] = found
        return self._topics[name]


async def replay(section: Section, topics: Iterable[str], work: LetterWork, *, dry: bool) -> None:
    """Send the messages of letters back to where they came from, and remember it; `dry`: only count.

    Raises:
        PluginError: it could not be gone on with; what was sent is remembered.
    """
    for name in topics:
        await _work(section, name, work, Revival(section).messages, dry=dry)


async def drop(section: Section, topics: Iterable[str], work: LetterWork, *, dry: bool) -> None:
    """Remember that the letters are done with; `dry`: only count.

    Raises:
        PluginError: it could not be gone on with; what was dropped is remembered.
    """
    for name in topics:
        await _work(section, name, work, _none, dry=dry)


async def delete_done(section: Section, topics: Sequence[str]) -> int:
    """Delete all letters before the first that is not done with, in each partition; how many there were.

    Raises:
        PluginError: the servers do not allow it.
    """
    found = await letter_topics(section, topics) if topics else []
    bounds = {at: each for topic in found for at, each in topic.bounds.items()}
    ends = {at: min(topic.done[at].before, bounds[at].end) for topic in found for at in topic.bounds}
    gone = {at: end for at, end in ends.items() if end > bounds[at].begin}
    if gone:
        with explained(section):
            async with administration(section.connection, section.name) as admin:
                await admin.delete_records({at: RecordsToDelete(end) for at, end in gone.items()})
    return sum(end - bounds[at].begin for at, end in gone.items())


async def _work(section: Section, name: str, work: LetterWork, messages: Messages, *, dry: bool) -> None:
    """What is done is looked up only when no other process can change it any more."""
    transactions = LetterTransactions(section, name)

    async def deliver(letters: Sequence[StoredLetter], at: TopicPartition, done: Done) -> None:
        await transactions.commit(await messages(letters), at, done)

    try:
        if not dry:
            await transactions.start()
        (topic,) = await letter_topics(section, [name])
        with explained(section):
            async with letter_reader(section.connection, section.name) as reader:
                marks = await work.run(topic, reader, _in_thought if dry else deliver)
    finally:
        await transactions.close()
    if not dry:
        with suppress(KafkaError, PluginError):
            await keep(section.connection, section.name, section.group, marks)


async def _in_thought(letters: Sequence[StoredLetter], at: TopicPartition, done: Done) -> None: ...


async def _none(letters: Sequence[StoredLetter]) -> list[Message]:
    return []
