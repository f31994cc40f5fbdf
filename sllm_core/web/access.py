"""One line of the log for each request that was answered."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from sllm_core.web.traffic import METHODS, OTHER

MOST = 10
"""So many warnings a second; what is more is counted and told with the next one. At `debug` all are told."""


class AccessLog:
    """Tells of each request at `debug`; at `warning` of those the service failed (5xx), and of slow ones.

    A line has the template of the path and the name of the API key: no path, no query and no key, which strangers
    choose or nobody else may know.

    Args:
        slow: an answer that does not begin within so many seconds is slow.
        clock: in seconds.
    """

    def __init__(self, slow: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.slow, self._clock = slow, clock
        self._second, self._told, self._left_out = -1, 0, 0
        self._logger = logging.getLogger("sllm.access")

    def note(self, id: str, method: str, route: str, status: int, seconds: float, waited: float, key: str) -> None:
        """A request was answered.

        Args:
            status: 0 where the client has gone, or the answer was broken off.
            seconds: to the end of the answer; `waited`: to its beginning.
        """
        late = waited > self.slow
        level = logging.WARNING if status >= 500 or late else logging.DEBUG
        if not self._logger.isEnabledFor(level) or (level == logging.WARNING and not self._has_room()):
            return
        fields: dict[str, object] = {"request_id": id, "method": method if method in METHODS else OTHER}
        fields |= {"route": route, "status": status, "ms": round(seconds * 1000, 1), "key": key}
        if level == logging.WARNING and self._left_out:
            fields["left_out"], self._left_out = self._left_out, 0
        self._logger.log(level, "slow request" if late and status < 500 else "request", extra=fields)

    def _has_room(self) -> bool:
        if self._logger.isEnabledFor(logging.DEBUG):
            return True
        second = int(self._clock())
        if second != self._second:
            self._second, self._told = second, 0
        self._told += 1
        self._left_out += self._told > MOST
        return self._told <= MOST
