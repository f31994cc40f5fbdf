"""aiokafka's own log: in an outage 40 lines a second from each client, of which one is enough."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PERIOD = 60.0
"""Seconds for which lines like one that was shown are only counted."""


class Chatter(logging.Filter):
    """Lets one line of a kind pass in a period, with the count of those that were left out before it."""

    def __init__(self, period: float = PERIOD, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._period, self._clock = period, clock
        self._shown: dict[tuple[str, str], float] = {}
        self._left_out: dict[tuple[str, str], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is shown; those that are no warnings always are, where they are wanted at all."""
        if record.levelno < logging.WARNING:
            return True
        kind, now = (record.name, str(record.msg)), self._clock()
        if now - self._shown.get(kind, -self._period) < self._period:
            self._left_out[kind] = self._left_out.get(kind, 0) + 1
            return False
        self._shown[kind] = now
        if count := self._left_out.pop(kind, 0):
            record.msg, record.args = f"{record.getMessage()} (and {count} lines like it)", ()
        return True


@contextmanager
def quieted() -> Iterator[None]:
    """While the context is entered, all loggers of aiokafka that are there are filtered, each once."""
    chatter = Chatter()
    names = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] == "aiokafka"]
    loggers = [logging.getLogger(name) for name in names]
    mine = [each for each in loggers if not any(isinstance(found, Chatter) for found in each.filters)]
    for logger in mine:
        logger.addFilter(chatter)
    try:
        yield
    finally:
        for logger in mine:
            logger.removeFilter(chatter)
