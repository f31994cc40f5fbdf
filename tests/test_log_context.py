from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from sllm_core.log_context import bound, bound_fields, unbound
from sllm_core.logs import configure


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    configure("debug", "json", stream)
    yield stream
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_lines_of_both_worlds_bear_what_is_bound(written: io.StringIO) -> None:
    with bound(request_id="a"):
        logging.getLogger("x").warning("one")
        structlog.get_logger("y").warning("two")
    logging.getLogger("x").warning("three")
    assert [each.get("request_id") for each in lines(written)] == ["a", "a", None]


def test_what_a_line_brings_itself_goes_before(written: io.StringIO) -> None:
    with bound(source="kafka", shard="0"):
        logging.getLogger("x").warning("one", extra={"shard": "1"})
        structlog.get_logger("y").warning("two", shard="2")
    assert [(each["source"], each["shard"]) for each in lines(written)] == [("kafka", "1"), ("kafka", "2")]


def test_the_inner_adds_to_the_outer() -> None:
    with bound(run="a"), bound(step="b", run="c"):
        assert bound_fields() == {"run": "c", "step": "b"}
    assert not bound_fields()


def test_it_holds_in_threads_and_tasks_but_those_that_outlive_it() -> None:
    async def seen() -> str:
        return str(bound_fields().get("request_id"))

    async def scene() -> list[str]:
        with bound(request_id="a"):
            inner = asyncio.create_task(seen())
            alone = asyncio.create_task(seen(), context=unbound())
            thread = await asyncio.to_thread(lambda: str(bound_fields().get("request_id")))
            return [thread, await inner, await alone]

    assert asyncio.run(scene()) == ["a", "a", "None"]


def test_other_requests_do_not_see_it() -> None:
    async def one(name: str) -> object:
        with bound(request_id=name):
            await asyncio.sleep(0)
            return bound_fields()["request_id"]

    async def scene() -> list[object]:
        return await asyncio.gather(*(one(name) for name in "abc"))

    assert asyncio.run(scene()) == ["a", "b", "c"]
