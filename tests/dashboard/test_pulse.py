from __future__ import annotations

import asyncio
from contextlib import aclosing

import orjson

from sllm_core.web.dashboard.pulse import Beat, Pulse
from web_service import serving


def test_a_rate_is_that_of_the_last_half_minute() -> None:
    async def rates() -> list[float]:
        async with serving() as (_, service):
            now = [0.0]
            pulse, found = Pulse(service, clock=lambda: now[0]), list[float]()
            for seconds, records in ((10, 100), (20, 200), (40, 200), (80, 200)):
                now[0], service.runner.counts.records = float(seconds), records
                found.append((await pulse.beat()).rate)
            return found

    assert asyncio.run(rates()) == [10.0, 10.0, 100 / 30, 0.0]


def test_a_stream_tells_at_once_and_ends_with_the_service() -> None:
    async def told() -> list[Beat]:
        async with serving() as (_, service), aclosing(Pulse(service).events()) as events:
            first = await anext(events)
            service.stopping.set()
            rest = [each async for each in events]
            return [Beat(**orjson.loads(each.split(b"data: ")[1])) for each in (first, *rest)]

    found = asyncio.run(told())
    assert found[0].records == 0 and found[0].place == 0


def test_many_watch_and_one_looks() -> None:
    async def looks() -> int:
        async with serving() as (_, service):
            pulse = Pulse(service)
            streams = [pulse.events() for _ in range(50)]
            for each in streams:
                await anext(each)
            tasks = [each.get_name() for each in asyncio.all_tasks()]
            for each in streams:
                await each.aclose()
            return tasks.count("pulse")

    assert asyncio.run(looks()) == 1


def test_who_comes_when_the_last_one_leaves_is_told_too() -> None:
    async def told() -> bytes:
        async with serving() as (_, service):
            pulse = Pulse(service)
            first = pulse.events()
            await anext(first)
            await first.aclose()
            async with aclosing(pulse.events()) as second:
                await anext(second)
                return await anext(second)

    assert b"event: beat" in asyncio.run(told())
