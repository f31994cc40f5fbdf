"""What a reader does after an error: go on at once, wait until the server is back, or tell what is to be mended."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from sllm_plugins.elasticsearch.failures import explained, is_away
from sllm_plugins.elasticsearch.outage import Outage, Patience
from sllm_plugins.elasticsearch.point_in_time import Expired, Incomplete

if TYPE_CHECKING:
    from sllm_plugins.elasticsearch.connection import ElasticsearchConnection
    from sllm_plugins.elasticsearch.positions import Position

Sleep = Callable[[float], Awaitable[object]]


class Endurance:
    """Waits for ever for a server that is away. `expired` counts forgotten points in time, `waits` the pauses.

    Args:
        name: the section of config.toml, for messages.
        sleep: waits so many seconds.
    """

    def __init__(self, connection: ElasticsearchConnection, name: str, sleep: Sleep = asyncio.sleep) -> None:
        self._connection, self._name = connection, name
        self._outage = Outage(Patience(math.inf, sleep=sleep))
        self._forgotten: Position | None = None
        self.expired = self.waits = 0

    def over(self) -> None:
        """All went well."""
        self._outage.over()

    async def survive(self, error: Exception, position: Position | None) -> None:
        """Return when it is worth another try from this position.

        A point in time that is forgotten is replaced at once, but not again and again where nothing was read.

        Raises:
            PluginError: what the user has to mend; errors that are no server's as they are.
        """
        from elasticsearch import ApiError, TransportError

        if isinstance(error, Expired) and (position is None or position != self._forgotten):
            self._forgotten = position
            self.expired += 1
        elif isinstance(error, Expired | Incomplete):
            await self._wait(f"{self._name}: {self._connection.address}: {error}")
        elif is_away(error):
            await self._wait(str(explained(error, self._connection, self._name)))
        elif isinstance(error, ApiError | TransportError):
            raise explained(error, self._connection, self._name) from error
        else:
            raise error

    async def _wait(self, trouble: str) -> None:
        self.waits += 1
        await self._outage.wait(trouble)
