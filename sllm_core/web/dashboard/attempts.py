"""How often somebody may send keys that are none."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

AT_ONCE = 5
EVERY = 10.0
"""Seconds after which one more attempt is free."""

ADDRESSES = 1000
"""So many addresses are remembered."""


class Attempts:
    """Counts failures by address: AT_ONCE are free, then one in EVERY seconds.

    A key has 256 random bits, so this keeps nobody from guessing one: it keeps the log readable. Whoever has a key is
    let in all the same, so nobody can lock others out.

    Args:
        clock: in seconds.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def fail(self, address: str) -> float:
        """Note a failure: 0 while that is free, else after how many seconds it will be again."""
        now = self._clock()
        left, since = self._left.pop(address, (float(AT_ONCE), now))
        left = min(left + (now - since) / EVERY, AT_ONCE)
        self._left[address] = (max(left - 1, 0.0) if left >= 1 else left, now)
        if len(self._left) > ADDRESSES:
            self._left.popitem(last=False)
        return 0.0 if left >= 1 else (1 - left) * EVERY
