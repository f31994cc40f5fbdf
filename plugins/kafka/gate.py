"""What may go on while the group distributes its partitions anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .wakeup import Wakeup


@dataclass
class Gate:
    """Shared by those who give batches out, commit, and follow the group.

    `giving`: records may be given to core; `open`: offsets may be committed. `busy` while core has a batch in hand, and
    `waiting` counts commits that wait for the gate. `turn` counts rebalances. `failure` ends the source, `closing` the
    connection.
    """

    wakeup: Wakeup = field(default_factory=Wakeup)
    giving: bool = False
    open: bool = False
    busy: bool = False
    closing: bool = False
    waiting: int = 0
    turn: int = 0
    explain: Callable[[Exception], Exception] = lambda error: error
    failure: Exception | None = None

    @property
    def idle(self) -> bool:
        """Whether core has nothing in hand that could still be stored, delivered or committed now."""
        return not self.busy or bool(self.waiting)

    def allow(self) -> None:
        """The partitions are distributed."""
        self.giving = self.open = True
        self.wakeup.set()

    def shut(self) -> None:
        """From here until the partitions are distributed, a commit would make the group begin once more."""
        self.open = False
        self.turn += 1
        self.wakeup.set()

    def fail(self, error: Exception) -> None:
        """The source cannot go on; `explain` tells the user why."""
        self.failure = self.failure or self.explain(error)
        self.wakeup.set()

    def check(self) -> None:
        """Raise the failure, if there is one."""
        if self.failure is not None:
            raise self.failure

    async def passable(self, but: Callable[[], bool]) -> None:
        """Wait for the gate, or until something makes that pointless. Raises the failure, if there is one."""
        self.waiting += 1
        self.wakeup.set()
        try:
            await self.wakeup.until(lambda: self.open or but() or self.failure is not None)
        finally:
            self.waiting -= 1
        self.check()
