"""Runs of tuning: from the labels of now to a version that holds, if it is measurably better."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sllm_core.learning.orders import Order, Step, Tell, TuningResult
from sllm_core.plugin import PluginError

if TYPE_CHECKING:
    from sllm_core.components import Tuner
    from sllm_core.learning.bench import Bench
    from sllm_core.learning.dataset import Dataset

__all__ = ["Order", "Step", "Tuning", "TuningResult"]

OUTCOMES = ("promoted", "dry run", "refused", "insufficient")
"""Of several tuners the first of these is what a run came to."""


class Tuning:
    """Makes versions and lets those hold that are measurably better.

    A run that was killed leaves nothing that serves: the next one removes what is half made, and begins again, or goes
    on where its tuner can. Only the last step, the switch, changes what verdicts are made by, and it is one transaction
    of the store.
    """

    def __init__(self, bench: Bench, tuners: Sequence[Tuner]) -> None:
        self._bench = bench
        self._tuners = {each.name: each for each in tuners}

    @property
    def tuners(self) -> tuple[str, ...]:
        """The names of the tuners that are enabled."""
        return tuple(self._tuners)

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks that they learn."""
        return tuple(dict.fromkeys(task for each in self._tuners.values() for task in each.tasks))

    async def dataset(self) -> Dataset:
        """What a run would learn from now."""
        return await asyncio.to_thread(self._bench.builder.build)

    async def tune(self, order: Order, run: str, tell: Tell) -> TuningResult:
        """Carry out an order; cancel it at any time. `tell` may raise, to end it.

        Raises:
            PluginError: it cannot be carried out; the message says why.
        """
        from sllm_core.learning.attempt import Attempt

        chosen = self._chosen(order)
        await self._bench.clean(self._tuners)
        tell(Step("dataset", 0, 1))
        dataset = await self.dataset()
        tell(Step("dataset", 1, 1, f"{len(dataset.examples)} examples"))
        attempts = [Attempt(self._bench, tuner, order, run, tell, dataset) for tuner in chosen]
        return _summary([await each.carry_out() for each in attempts])

    def _chosen(self, order: Order) -> list[Tuner]:
        """The tuners that learn what is ordered.

        Raises:
            PluginError: there is none, or the order names what there is not.
        """
        enabled = ", ".join(self._tuners)
        if not enabled:
            raise PluginError("no tuner is enabled; add the section [plugins.classifier] to config.toml")
        for each in order.tuners:
            if each not in self._tuners:
                raise PluginError(f"no tuner is called {each}; enabled: {enabled}")
        for each in order.tasks:
            if each not in self.tasks:
                raise PluginError(f"no tuner learns {each}; there is {', '.join(self.tasks)}")
        chosen = [each for name, each in self._tuners.items() if not order.tuners or name in order.tuners]
        chosen = [each for each in chosen if not order.tasks or set(order.tasks) & set(each.tasks)]
        if not chosen:
            raise PluginError(f"{', '.join(order.tuners)} does not learn {', '.join(order.tasks)}")
        return chosen


def _summary(results: Sequence[TuningResult]) -> TuningResult:
    """What came of all tuners: the best outcome with its version and report, and the reports of all of them."""
    best, *others = sorted(results, key=lambda each: OUTCOMES.index(each.outcome))
    if not others:
        return best
    detail = "; ".join(f"{each.report.get('tuner')}: {each.detail}" for each in results)
    reports = [dict(each.report) for each in results]
    return TuningResult(best.outcome, best.version, detail, {**best.report, "reports": reports})
