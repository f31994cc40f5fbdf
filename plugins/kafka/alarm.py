"""What is said when the reader itself fails on messages, or most of a topic cannot be read: once, and not for each."""

from __future__ import annotations

import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from sllm_core.metrics import Metric

if TYPE_CHECKING:
    from sllm_core.reading import Poison

SPAN = 1000
"""As many of the last messages are looked back on, and those of the batch in which the first of them came."""

GRAIN = SPAN // 20
"""Batches are counted together up to so many messages, so that a topic that trickles takes no more room than others."""

AGAIN = 3600.0
"""Seconds after which what lasts is told again."""

FAILED = "reader-error"

_REMEDY = (
    "this is a mistake in sllm: report it with what `sllm dlq list` shows, and send them back with "
    "`sllm dlq replay` after an upgrade (with dead_letters = false they are left out)"
)


class Alarm:
    """Watches what the reader of one source makes of messages; it is told of each batch, and stops nothing."""

    def __init__(self, source: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._source, self._clock = source, clock
        self._failures: Counter[str] = Counter()
        self._failing, self._recent = Spell(clock), Recent()
        self._topics: dict[str, tuple[Spell, Recent]] = {}

    def heed(self, topic: str, messages: int, poison: Sequence[Poison]) -> None:
        """So many messages of the topic were read, these among them could not be."""
        kinds: Counter[str] = Counter(each.error_type for each in poison)
        failures = Counter(each.exception for each in poison if each.error_type == FAILED)
        self._failures = self._failures + failures  # a new one: the loop reads it while a thread counts
        self._recent.add(messages, Counter({FAILED: kinds[FAILED]}))
        self._look_at_reader(topic, failed=kinds[FAILED] > 0)
        if kinds or topic in self._topics:
            self._look_at_topic(topic, messages, kinds)

    def metrics(self) -> Iterator[Metric]:
        """How many messages the reader itself failed on."""
        text = "messages on which the reader itself failed, which is a mistake in sllm"
        yield Metric("kafka_reader_errors_total", self._failures.total(), text, "counter", {"source": self._source})

    def warnings(self) -> Iterator[str]:
        """What to tell at the end of a run."""
        if self._failures:
            yield f"the reader itself failed on {self._told} ({_most(self._failures)}); {_REMEDY}"

    @property
    def _told(self) -> str:
        count = self._failures.total()
        return "1 message" if count == 1 else f"{count:,} messages"

    def _look_at_reader(self, topic: str, failed: bool) -> None:
        place = {"source": self._source, "topic": topic}
        logger, recent = logging.getLogger("sllm.kafka"), self._recent
        if failed and self._failing.is_due():
            what = "the reader itself failed on %d of the last %d messages (%s); %s"
            logger.error(what, recent.kinds[FAILED], recent.messages, _most(self._failures), _REMEDY, extra=place)
        elif not recent.kinds[FAILED] and self._failing.is_over():
            logger.info("the reader fails no more; it failed on %s", self._told, extra=place)

    def _look_at_topic(self, topic: str, messages: int, kinds: Counter[str]) -> None:
        spell, recent = self._topics.setdefault(topic, (Spell(self._clock), Recent()))
        recent.add(messages, kinds)
        poison, most = recent.kinds.total(), _most(recent.kinds)
        if recent.messages < SPAN:
            return
        if 2 * poison <= recent.messages:
            spell.is_over()
        elif most != FAILED and spell.is_due():
            what = "%d of the last %d messages cannot be read, most of them as %s; %s"
            remedy = f"is it a topic of logs? correct topics or pattern under [plugins.{self._source}], or their format"
            place = {"source": self._source, "topic": topic}
            logging.getLogger("sllm.kafka").warning(what, poison, recent.messages, most, remedy, extra=place)


class Recent:
    """How many of the last messages, SPAN of them or a few more, could not be read, by kinds of error."""

    def __init__(self) -> None:
        self.messages = 0
        self.kinds: Counter[str] = Counter()
        self._batches: deque[tuple[int, Counter[str]]] = deque()

    def add(self, messages: int, kinds: Counter[str]) -> None:
        """So many messages have come, with errors of these kinds."""
        self.messages += messages
        self.kinds += kinds
        if self._batches and self._batches[-1][0] + messages <= GRAIN:
            before, earlier = self._batches.pop()
            messages, kinds = before + messages, earlier + kinds
        self._batches.append((messages, kinds))
        while self.messages - self._batches[0][0] >= SPAN:
            gone, errors = self._batches.popleft()
            self.messages -= gone
            self.kinds -= errors


class Spell:
    """Something that may last: told when it begins, and while it lasts or comes back, not more often than AGAIN."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self._told = clock, -AGAIN
        self._lasts = False

    def is_due(self) -> bool:
        """It is there; whether that is to be told."""
        now = self._clock()
        if now - self._told < AGAIN:
            return False
        self._told, self._lasts = now, True
        return True

    def is_over(self) -> bool:
        """It is gone; whether that is to be told, once after it was told that it is there."""
        lasted, self._lasts = self._lasts, False
        return lasted


def _most(kinds: Counter[str]) -> str:
    return kinds.most_common(1)[0][0] if kinds else ""
