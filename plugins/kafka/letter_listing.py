"""Letters looked at, newest first."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from .letter_reading import letter_reader
from .letter_topics import LetterTopic, Section, explained

if TYPE_CHECKING:
    from aiokafka.structs import TopicPartition

    from .letter_marks import Span
    from .stored_letter import Selection, StoredLetter


async def newest_letters(
    section: Section, topics: Sequence[LetterTopic], selection: Selection, limit: int | None, *, only_new: bool = False
) -> dict[StoredLetter, bool]:
    """The newest letters that are meant, newest first, and whether each is new.

    Raises:
        PluginError: the servers cannot be reached.
    """
    kept: defaultdict[TopicPartition, deque[tuple[StoredLetter, bool]]] = defaultdict(partial(deque, maxlen=limit))
    done = {at: each for topic in topics for at, each in topic.done.items()}
    spans = _spans(topics, None if selection else limit, only_new=only_new)
    with explained(section):
        async with letter_reader(section.connection, section.name) as reader:
            async for chunk in reader.read(spans):
                for letter in chunk.letters:
                    new = letter.offset not in done[chunk.at]
                    if selection.admits(letter) and (new or not only_new):
                        kept[chunk.at].append((letter, new))
    found = sorted((pair for pairs in kept.values() for pair in pairs), key=_age, reverse=True)
    return dict(found[:limit])


def _age(pair: tuple[StoredLetter, bool]) -> tuple[int, int, int]:
    letter, _ = pair
    return letter.written, letter.partition, letter.offset


def _spans(topics: Sequence[LetterTopic], limit: int | None, *, only_new: bool) -> dict[TopicPartition, Span]:
    """Where to look; the newest of all letters are among the newest of each partition."""
    spans = {at: span for topic in topics for at, span in topic.spans(done=not only_new).items()}
    if limit is None or only_new:
        return spans
    return {at: (max(begin, end - limit), end) for at, (begin, end) in spans.items()}
