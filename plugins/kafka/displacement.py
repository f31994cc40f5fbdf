"""Two processes under one static name in a group: each puts the other out of it when it joins, and so on for ever."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiokafka import AIOKafkaConsumer

TIMES = 3
"""A pause that is longer than the session puts a worker out of its group once; a twin does so again and again."""


def is_member(consumer: AIOKafkaConsumer) -> bool:
    """Whether the group knows this worker. aiokafka has no public way to tell."""
    coordinator = getattr(consumer, "_coordinator", None)
    return bool(getattr(coordinator, "generation", 1) > 0)


class Displacement:
    """Counts how often the group has put this worker out.

    Kafka tells who has lost its name to a twin only in some of its answers; in the others the worker is unknown, as
    after a pause.

    Args:
        within: seconds in which TIMES are too many.
        clock: seconds.
    """

    def __init__(self, consumer: AIOKafkaConsumer, within: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._consumer, self._within, self._clock = consumer, within, clock
        self._times: deque[float] = deque(maxlen=TIMES)
        self._joined = False

    def joined(self) -> None:
        """The group has given this worker its part."""
        self._joined = True

    def left(self) -> bool:
        """The group begins anew; whether it has put this worker out too often."""
        if self._joined and not is_member(self._consumer):
            self._times.append(self._clock())
        self._joined = False
        return len(self._times) == TIMES and self._times[-1] - self._times[0] < self._within
