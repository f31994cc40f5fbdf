"""A tuning that does what a test says, and claims that are away when it says so."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from sllm_core.clock.claims import Claim, ClaimsAway
from sllm_core.clock.leases import Leases
from sllm_core.clock.runs import TuningRuns
from sllm_core.learning.orders import Order, Step, Tell, TuningResult
from sllm_core.store import Store


class ScriptedTuning:
    """Tells `steps`, waits for `go`, and gives `result` or raises it; `runs` are the ids it was called with."""

    tasks = ("sentiment", "anomaly")

    def __init__(self, *steps: Step, tuners: tuple[str, ...] = ("classifier",)) -> None:
        self.steps, self.tuners = steps, tuners
        self.result: TuningResult | Exception = TuningResult("promoted", "classifier-1", "better by .02", {"wins": 3})
        self.go = asyncio.Event()
        self.runs: list[str] = []
        self.told: Tell | None = None
        self.last: Step | None = None

    async def tune(self, order: Order, run: str, tell: Tell) -> TuningResult:
        self.runs.append(run)
        self.told = tell
        for step in self.steps:
            tell(step)
        await self.go.wait()
        if self.last is not None:
            tell(self.last)
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


@dataclass
class SharedClaims:
    """Claims that several workers share, in one process; `away` says why they cannot be asked; `others` are at work."""

    ttl: float = 60.0
    name: str = "shared"
    away: str = ""
    written: dict[str, Claim] = field(default_factory=dict)
    puts: int = 0
    others: list[asyncio.Task[None]] = field(default_factory=list)

    async def find(self, key: str) -> Claim | None:
        self._ask()
        return self.written.get(key)

    async def put(self, claim: Claim, before: Claim | None) -> Claim | None:
        self._ask()
        if self.written.get(claim.key) != before:
            return None
        self.puts += 1
        self.written[claim.key] = replace(claim, version=str(self.puts))
        return self.written[claim.key]

    def _ask(self) -> None:
        if self.away:
            raise ClaimsAway(self.away)


def runs_of(store: Store, tuning: ScriptedTuning, leases: Leases | None = None) -> TuningRuns:
    """The runs of a store, whose claims are the store's unless others are given."""
    return TuningRuns(store.tuning_runs, tuning, leases or Leases(store.claims, "me"))
