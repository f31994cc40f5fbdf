"""Where the partitions end, and whether the servers are there: aiokafka itself tells of no outage."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError

if TYPE_CHECKING:
    from .figures import Figures
    from .offsets import Offsets
    from .partitions import Partitions

PERIOD = 15.0
LIMIT = 5.0
"""Seconds between two looks, and for one."""


class Outage:
    """Tells once that the servers are away, and once that they are back."""

    def __init__(self, section: str, servers: str) -> None:
        self._place = {"source": section, "servers": servers}
        self._since: float | None = None

    def noticed(self) -> None:
        """They do not answer."""
        if self._since is None:
            self._since = time.monotonic()
            what = "Kafka does not answer; waiting, and nothing is lost: see that the servers run"
            logging.getLogger("sllm.kafka").warning(what, extra=self._place)

    def over(self) -> None:
        """They answer."""
        if self._since is not None:
            seconds, self._since = round(time.monotonic() - self._since), None
            logging.getLogger("sllm.kafka").info("Kafka is back", extra={**self._place, "seconds": seconds})


async def watch(
    offsets: Offsets, partitions: Partitions, figures: Figures, outage: Outage, period: float = PERIOD
) -> None:
    """Keep `end` of the partitions up to date, until it is cancelled."""
    while True:
        await asyncio.sleep(period)
        await look(offsets, partitions, outage)
        if not any(each.lag for each in partitions):
            figures.moved = time.monotonic()


async def look(offsets: Offsets, partitions: Partitions, outage: Outage) -> None:
    """Ask once where the partitions end; an outage is told to the log only."""
    try:
        async with asyncio.timeout(LIMIT):
            bounds = await offsets.bounds([each.at for each in partitions])
    except (KafkaError, OSError):
        outage.noticed()
        return
    outage.over()
    for held in partitions:
        if held.at in bounds:
            held.end = bounds[held.at].end
