"""A replay from its options to its last line."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from sllm_core.cli.process import say
from sllm_core.cli.replay_progress import shown, speed_text
from sllm_core.moments import microseconds, moment
from sllm_core.plugin import PluginError
from sllm_core.replay.files import FilesStream
from sllm_core.replay.job import Standing, job_name
from sllm_core.replay.outlet import Destination
from sllm_core.replay.ranges import RangeStream
from sllm_core.replay.rate_limit import RateLimit
from sllm_core.replay.running import Replay
from sllm_core.runner import RunFailed

if TYPE_CHECKING:
    from sllm_core.cli.replay import Options
    from sllm_core.cli.replay_ends import Ends
    from sllm_core.replay.outlet import Outlet, Receiving
    from sllm_core.replay.running import Outcome
    from sllm_core.replay.stream import Stream, Survey

INCOMPLETE = 3
"""The exit code when something was left out."""


def replay(options: Options, ends: Ends) -> int:
    """Do what the options say; the exit code.

    Raises:
        PluginError: wrong configuration, or a server that cannot be reached.
        RunFailed: it could not be sent to the end.
    """
    run = _Run(options, ends)
    try:
        return asyncio.run(run.whole())
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt(*run.resumable()) from stop


class _Run:
    """One replay, of which there is something to say also when it is stopped."""

    def __init__(self, options: Options, ends: Ends) -> None:
        self._options, self._ends = options, ends
        self._replay: Replay | None = None
        zone = ZoneInfo(ends.settings.timezone)
        bounds = options.span.bounds(datetime.now(zone), zone)
        self._since, self._until = (None if each is None else microseconds(each) for each in bounds)

    async def whole(self) -> int:
        """From the first look at what there is to the last line."""
        async with AsyncExitStack() as stack:
            receiving = self._ends.outlet(self._options.target)
            stream = await self._stream(stack)
            survey = await stream.survey()
            job = job_name(stream.identity, self._since, self._until, self._options.topic)
            destination = Destination(self._options.topic, job, self._options.partitions, survey.first)
            if self._options.dry:
                await self._tell_plan(survey, receiving, destination)
            else:
                outlet = await stack.enter_async_context(receiving.outlet(destination))
                await self._send(stream, outlet, survey.total)
            return _warned(stream)

    async def _stream(self, stack: AsyncExitStack) -> Stream:
        if self._options.paths:
            zone = ZoneInfo(self._ends.settings.timezone)
            return FilesStream(self._options.paths, zone, self._since, self._until)
        historic = self._ends.history(self._options.source)
        history = await stack.enter_async_context(historic.history())
        return RangeStream(history, self._since, self._until, self._options.parallel)

    async def _tell_plan(self, survey: Survey, receiving: Receiving, destination: Destination) -> None:
        for line in plan_lines(survey):
            click.echo(line)
        if destination.partitions is not None:
            click.echo(f"to {destination.topic}, which is created if there is none")
            return
        async with receiving.outlet(destination) as outlet:
            known = Standing.from_text(await outlet.known())
        if known.documents:
            click.echo(f"of these, {known.documents:,} were sent to {destination.topic} before")

    async def _send(self, stream: Stream, outlet: Outlet, total: int) -> None:
        options = self._options
        replay = Replay(stream, outlet, RateLimit(options.rate), again=options.again, tell=say)
        await replay.begin()
        self._replay, begun = replay, time.monotonic()
        try:
            outcome = await shown(replay, replay.run(), total)
        except PluginError as error:
            raise RunFailed("; ".join([str(error), *self.resumable()])) from error
        click.echo(outcome_line(outcome, options.topic, time.monotonic() - begun))

    def resumable(self) -> list[str]:
        """What is sent, and how to go on."""
        if self._replay is None:
            return []
        again = " without --again" if self._options.again else ""
        sent = f"{self._replay.sent.documents:,} documents are in {self._options.topic}"
        return [f"{sent}, and the same command{again} goes on behind them"]


def plan_lines(survey: Survey) -> Iterator[str]:
    """What there is to send."""
    from rich.filesize import decimal

    if survey.unit == "bytes":
        yield f"{survey.parts:,} file{'s' * (survey.parts != 1)} of {decimal(survey.bytes)}"
    elif survey.documents:
        yield f"{survey.documents:,} documents in {survey.parts:,} parts, about {decimal(survey.bytes)}"
    else:
        yield "no documents in this range of time"
    if survey.first is not None:
        last = "" if survey.last is None else f" to {moment(survey.last):%Y-%m-%d %H:%M:%S}"
        yield f"from {moment(survey.first):%Y-%m-%d %H:%M:%S}{last} UTC"


def outcome_line(outcome: Outcome, topic: str, seconds: float) -> str:
    """How it went."""
    in_all = outcome.standing.documents
    if outcome.documents:
        told = f"{speed_text(outcome.documents, outcome.bytes, seconds)} to {topic}"
        return f"{told}; {in_all:,} in all" if in_all > outcome.documents else told
    return (
        f"nothing new: {in_all:,} documents are in {topic} already; --again sends them anew"
        if in_all
        else "nothing to send"
    )


def _warned(stream: Stream) -> int:
    for warning in stream.warnings():
        say(warning)
    return INCOMPLETE if stream.warnings() else 0
