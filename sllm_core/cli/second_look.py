"""What `sllm analyze --model` asks a language model once everything is read: verdicts, then words for the report."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from sllm_core.report import Report
    from sllm_core.report.build import Reading
    from sllm_core.review.reviewer import Reviewer
    from sllm_core.runner import Runner
    from sllm_core.store import Run

VERDICTS = 0.7
"""Which part of the time is for verdicts; the rest is for words."""

TOLD = 5
"""For how many incidents, the worst first, the model is asked for words."""


@dataclass
class SecondLook:
    """Waits for the model, but at most `patience` seconds; `told` is then its summary, empty if it gave none.

    Args:
        reading: what was read up to now, for the report.
    """

    reviewer: Reviewer
    reading: Callable[[Run], Reading]
    patience: float
    told: str = ""

    @classmethod
    def of(cls, runner: Runner, reading: Callable[[Run], Reading], deadline: timedelta) -> Self | None:
        """The second look that a runner can take; None where it has no model."""
        return cls(runner.reviewer, reading, deadline.total_seconds()) if runner.reviewer else None

    async def finish(self, run: Run) -> None:
        """Have the patterns judged, the findings revised, and what the report will say worded."""
        until = time.monotonic() + self.patience
        await self.reviewer.finish(VERDICTS * self.patience)
        if not self.reviewer.reached:
            return
        report = await asyncio.to_thread(self._report, run)
        try:
            async with asyncio.timeout(max(until - time.monotonic(), 0)):
                await asyncio.gather(self._narrate(report), self.reviewer.tell(_ids(report)))
        except TimeoutError:
            return

    def _report(self, run: Run) -> Report:
        from sllm_core.report import build_report

        return build_report(self.reading(run))

    async def _narrate(self, report: Report) -> None:
        from sllm_core.report.build import narrated
        from sllm_core.summaries.narration import Narration

        if report.start is None or report.end is None or not report.facts:
            return
        facts, language, start, end = narrated(report.facts, report.language, report.start, report.end)
        narration = Narration(facts, language, start, end)
        values: Mapping[str, Any] | None = await self.reviewer.say(narration.question, narration.mistake)
        self.told = narration.text(values) if values else ""


def _ids(report: Report) -> list[str]:
    return [each.finding for each in report.incidents[:TOLD]]
