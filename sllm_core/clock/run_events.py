"""A run of tuning as Server-Sent Events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import orjson

from sllm_core.clock.tuning_run import TuningRun

if TYPE_CHECKING:
    from sllm_core.clock.runs import TuningRuns

HEARTBEAT = 15.0
"""Seconds after which a quiet stream says that it is still there."""

PAUSE = 0.25
"""Seconds that lie between two events at least; what changes meanwhile is told at once."""


async def run_events(runs: TuningRuns, id: str, after: int | None) -> AsyncIterator[bytes]:
    """Events `step` while the run goes on, then one `end`; the data of each is the whole run, its id the revision."""
    told = -1 if after is None else after
    yield b"retry: 2000\n\n"
    while (run := runs.find(id)) is not None:
        if run.is_over:
            yield _event("end", run)
            return
        if run.revision > told:
            told = run.revision
            yield _event("step", run)
            await asyncio.sleep(PAUSE)
        elif not await _changed(runs):
            yield b": still here\n\n"


async def _changed(runs: TuningRuns) -> bool:
    try:
        async with asyncio.timeout(HEARTBEAT):
            await runs.change()
            return True
    except TimeoutError:
        return False


def _event(name: str, run: TuningRun) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (run.revision, name.encode(), orjson.dumps(run.to_json()))
