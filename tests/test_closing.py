from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sllm_core.closing import closing
from sllm_core.delivery import Delivery
from sllm_core.findings import Finding
from sllm_core.log_context import Fields, bound_fields
from sllm_core.pipeline import Counts, Pace, Pipeline
from sllm_core.records import RECORDS, LogBatch, Window
from sllm_core.store import Store
from sllm_core.testing import ListSource, batch

START = datetime(2026, 3, 1, tzinfo=UTC)


class Witness:
    name = "witness"

    def __init__(self) -> None:
        self.seen: list[Fields] = []

    async def analyze(self, batch: LogBatch) -> Sequence[Finding]:
        if batch.closes:
            self.seen.append(await asyncio.to_thread(bound_fields))
        return ()


def windows(count: int) -> list[Window]:
    hour = timedelta(hours=1)
    return [Window(START + place * hour, START + (place + 1) * hour) for place in range(count)]


def test_lines_about_a_window_bear_its_source_shard_and_beginning() -> None:
    with closing("kafka", "logs-0", windows(1)):
        assert bound_fields() == {"source": "kafka", "shard": "logs-0", "window": "2026-03-01T00:00:00+00:00"}
    assert not bound_fields()


def test_of_several_the_first_is_told_and_how_many() -> None:
    with closing("file", "a.log", windows(3)[::-1]):
        assert (bound_fields()["window"], bound_fields()["windows"]) == ("2026-03-01T00:00:00+00:00", 3)


def test_without_windows_it_is_about_the_shard(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), closing("file", "a.log", ()):
        assert bound_fields() == {"source": "file", "shard": "a.log"}
    assert not caplog.messages


def test_analyzers_write_their_lines_within_it() -> None:
    witness = Witness()
    with Store() as store:
        made = batch("2026-03-01 00:00:00 INFO started")
        source = ListSource("list", [replace(made, records=made.records.select(RECORDS.names), closes=())])
        pipeline = Pipeline(source, [witness], Delivery([], store), store, Pace(), Counts(), "run")
        asyncio.run(pipeline.run())
    assert [set(each) for each in witness.seen] == [{"source", "shard", "window"}]
