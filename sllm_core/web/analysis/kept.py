"""Answers that may be given again."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

from sllm_core.web.analysis.question import Question

ANSWERS = 4096
SIZE = 32 << 20
"""Bytes of questions and answers together."""

LARGEST = 16 << 10
"""Bytes of a body beyond which its answer is not kept."""


class KeptAnswers:
    """The answers given last, by what was asked, as long as the same would be answered.

    That is until the minute ends, since lines without a time count as of the minute in which they come, and until a
    verdict or a pattern changes: the `state` tells.

    Args:
        clock: in seconds.
    """

    def __init__(self, state: Callable[[], Hashable], *, clock: Callable[[], float] = time.time) -> None:
        self._state, self._clock = state, clock
        self._holds: Hashable = None
        self._answers: OrderedDict[Question, bytes] = OrderedDict()
        self._size = 0

    def now(self) -> Hashable:
        """For how long an answer holds that is made now."""
        return (int(self._clock()) // 60, self._state())

    def find(self, asked: Question) -> bytes | None:
        """The answer, if there is one that holds."""
        if self._holds != (now := self.now()):
            self._answers.clear()
            self._holds, self._size = now, 0
        if (answer := self._answers.get(asked)) is not None:
            self._answers.move_to_end(asked)
        return answer

    def keep(self, asked: Question, answer: bytes, since: Hashable) -> None:
        """Keep an answer that was begun when `now` was `since`."""
        if self._holds != since or since != self.now() or asked in self._answers:
            return
        self._answers[asked] = answer
        self._size += len(asked.payload) + len(answer)
        while len(self._answers) > ANSWERS or self._size > SIZE:
            oldest, given = self._answers.popitem(last=False)
            self._size -= len(oldest.payload) + len(given)
