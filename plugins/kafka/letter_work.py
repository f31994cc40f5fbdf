"""Letters gone through in their order: which of them are meant, what is done with them, and what stays."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .letter_marks import Done, undone
from .letter_transactions import TooLarge

if TYPE_CHECKING:
    from aiokafka.structs import TopicPartition

    from .letter_reading import Chunk, LetterReader
    from .letter_topics import LetterTopic
    from .stored_letter import Selection, StoredLetter

REMEMBERED = 10_000
"""So many letters before the first that is new are looked at, in each partition: one of them may be there twice."""

MOST = 200_000
"""So many letters are remembered while others are gone through; those that are there twice lie near each other."""

Deliver = Callable[[Sequence["StoredLetter"], "TopicPartition", Done], Awaitable[None]]
"""Does with the letters what is to be done, and remembers of their partition what is done by then.

Raises TooLarge if it cannot be done with all of them, and has been done with none.
"""


@dataclass
class Account:
    """What became of the letters. `cut` and `refused` are the names of those that had to stay."""

    handled: int = 0
    doubled: int = 0
    others: int = 0
    cut: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


class LetterWork:
    """Goes through topics of letters.

    Args:
        selection: which letters are meant; the others stay as they are.
        limit: how many at most.
        again: whether those are meant too that are done with already.
        whole: whether letters that were cut have to stay, and those that are there twice count once.
        tell: is told how many letters have been looked at.
    """

    def __init__(
        self,
        selection: Selection,
        *,
        limit: int | None = None,
        again: bool = False,
        whole: bool = True,
        tell: Callable[[int], None] = lambda count: None,
    ) -> None:
        self._selection, self._tell = selection, tell
        self._limit, self._again, self._whole = limit, again, whole
        self._seen: dict[bytes, None] = {}
        self.account = Account()

    async def run(self, topic: LetterTopic, reader: LetterReader, deliver: Deliver) -> dict[TopicPartition, Done]:
        """Deliver the letters; what is done in each partition afterwards.

        Raises:
            PluginError: it could not be gone on with; what has been done is remembered.
        """
        done = dict(topic.done)
        if self._whole and not self._again:
            await self._remember(topic, reader)
        async for chunk in reader.read(topic.spans(done=self._again)):
            if self._full:
                break
            done[chunk.at] = await self._take(chunk, done[chunk.at], deliver)
            self._tell(chunk.end - chunk.begin)
        return done

    @property
    def _full(self) -> bool:
        return self._limit is not None and self.account.handled >= self._limit

    async def _remember(self, topic: LetterTopic, reader: LetterReader) -> None:
        spans = {
            at: (max(each.begin, topic.done[at].before - REMEMBERED), min(each.end, topic.done[at].before))
            for at, each in topic.bounds.items()
        }
        async for chunk in reader.read(spans):
            for each in chunk.letters:
                self._see(each)

    async def _take(self, chunk: Chunk, done: Done, deliver: Deliver) -> Done:
        chosen, kept, end = self._sort(chunk, done)
        after = done.adding(undone(chunk.begin, end, kept))
        if after == done and not chosen:
            return done
        try:
            await deliver(chosen, chunk.at, after)
            self.account.handled += len(chosen)
        except TooLarge:
            done = await self._take_each(chosen, chunk.at, done, kept, deliver)
            after = done.adding(undone(chunk.begin, end, sorted(kept)))
            await deliver([], chunk.at, after)
        return after

    async def _take_each(
        self, chosen: Sequence[StoredLetter], at: TopicPartition, done: Done, kept: list[int], deliver: Deliver
    ) -> Done:
        """One after another, so that those stay that are too large, and no others."""
        for letter in chosen:
            after = done.adding([(letter.offset, letter.offset + 1)])
            try:
                await deliver([letter], at, after)
                self.account.handled += 1
                done = after
            except TooLarge:
                self.account.refused.append(letter.name)
                kept.append(letter.offset)
        return done

    def _sort(self, chunk: Chunk, done: Done) -> tuple[list[StoredLetter], list[int], int]:
        """Letters to be done with, offsets of those that stay, and up to where they have been looked at."""
        chosen: list[StoredLetter] = []
        kept: list[int] = []
        for letter in chunk.letters:
            if self._limit is not None and self.account.handled + len(chosen) >= self._limit:
                return chosen, kept, letter.offset
            if letter.offset in done and not self._again:
                self._see(letter)
            elif not self._admits(letter):
                kept.append(letter.offset)
            elif self._whole and letter.identity in self._seen:
                self.account.doubled += 1
            else:
                self._see(letter)
                chosen.append(letter)
        return chosen, kept, chunk.end

    def _see(self, letter: StoredLetter) -> None:
        self._seen[letter.identity] = None
        if len(self._seen) > MOST:
            del self._seen[next(iter(self._seen))]

    def _admits(self, letter: StoredLetter) -> bool:
        if not self._selection.admits(letter):
            self.account.others += 1
            return False
        if self._whole and letter.cut:
            self.account.cut.append(letter.name)
            return False
        return True
