"""What time it is for a server, whose clock may differ from ours."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from elasticsearch import AsyncElasticsearch

ANSWER = 5.0
"""Seconds in which a server says what time it is; else its clock counts as ours."""

CERTAIN = 1.5
"""Seconds up to which a difference may come from the whole seconds that are told, and from the way."""

EVERY = 300.0
"""Seconds after which the difference is measured again."""


class ServerClock:
    """The time of a server in seconds since 1970, from ours and the difference that was measured last.

    Args:
        now: our time in seconds since 1970.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now, self._measured = now, -EVERY
        self.skew = 0.0

    def now(self) -> float:
        return self._now() + self.skew

    async def measure(self, client: AsyncElasticsearch) -> None:
        """Ask the server what time it is, if that was long ago. One that does not tell leaves all as it is."""
        from elasticsearch import ApiError, TransportError

        before = self._now()
        if abs(before - self._measured) < EVERY:
            return
        self._measured = before
        asking = client.options(request_timeout=ANSWER, max_retries=0)
        with contextlib.suppress(ApiError, TransportError, TimeoutError, ValueError, KeyError, IndexError, TypeError):
            answer = await asking.cat.health(h="epoch", format="json")
            told = answer.meta.headers.get("date")
            rows = cast("list[dict[str, str]]", answer.body)
            seconds = parsedate_to_datetime(told).timestamp() if told else float(rows[0]["epoch"])
            difference = seconds + 0.5 - (before + self._now()) / 2
            self.skew = difference if abs(difference) > CERTAIN else 0.0
