"""What `streams.py` measures, in a process of its own: `python stream_tasks.py TASK JSON`.

TASK is `bare` or `sllm`, and JSON has the fields of Task. It prints a line of JSON. The clock (CPU seconds of all
threads) starts when the first part of the records (FIRST) has come, since modules, kernels and connections are there
then, and it stops when all is acknowledged. With `sampled`, CPU seconds are given by the step that they went to.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import numpy as np
import orjson
from candidates import Here
from memory import resident
from sampling import Sampler
from stream_topics import ENDLESS, ENVELOPE, committed, ends

from sllm_core.cli.process import collect_seldom, keep_pages

if TYPE_CHECKING:
    from aiokafka import ConsumerRecord

    from sllm_core.records import LogBatch

FIRST = 0.1
"""The part of the records that comes before the clock starts."""

BATCH = 10_000
"""Records of a batch."""

Figures = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """What a process is to do: `records` are in the topic, `group` reads them; the rest is for sllm alone.

    Where it `shares` the topic with other workers, the order of the records is watched.
    """

    servers: str
    topic: str
    group: str
    form: str
    partitions: int
    records: int
    url: str = ""
    index: str = ""
    state: str = ""
    sampled: bool = False
    shares: bool = False


@dataclass
class Clock:
    """Counts records and, from the FIRST on, CPU seconds; `seen` has how many there were when (seconds since 1970)."""

    total: int
    sampler: Sampler | None = None
    records: int = 0
    skipped: int = 0
    began: float | None = None
    seen: list[tuple[float, int, float]] = field(default_factory=list)
    stack: ExitStack = field(default_factory=ExitStack)

    def add(self, records: int) -> None:
        """So many more have come."""
        self.records += records
        self.seen.append((time.time(), self.records, resident()))
        if self.began is None and self.records >= FIRST * self.total:
            self.skipped, self.began = self.records, time.process_time()
            self.stack.enter_context(self.sampler or nullcontext())

    def stop(self) -> Figures:
        """All is acknowledged."""
        seconds = time.process_time() - (self.began or 0.0)
        self.stack.close()
        steps = dict(self.sampler.seconds) if self.sampler else {}
        return {"records": self.records - self.skipped, "seconds": seconds, "all": self.records, "steps": steps}


def consumer_options() -> dict[str, Any]:
    """How aiokafka's consumer is set up, for both."""
    from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor

    return {
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
        "isolation_level": "read_committed",
        "partition_assignment_strategy": (RoundRobinPartitionAssignor,),
        "max_partition_fetch_bytes": 2 << 20,
    }


DECODE: dict[str, Callable[[bytes], int]] = {
    "objects": lambda payload: bool(orjson.loads(payload)),
    "envelopes": lambda payload: len(orjson.loads(payload)["data"]),
    "lines": lambda payload: bool(payload.decode()),
}
"""How many records a payload has, once it is decoded."""


async def bare(task: Task) -> Figures:
    """Consume, decode, commit, and nothing else."""
    from aiokafka import AIOKafkaConsumer

    clock, decode = Clock(task.records, Sampler() if task.sampled else None), DECODE[task.form]
    most = BATCH // ENVELOPE if task.form == "envelopes" else BATCH
    consumer = AIOKafkaConsumer(task.topic, bootstrap_servers=task.servers, group_id=task.group, **consumer_options())
    await consumer.start()
    try:
        while clock.records < task.records:
            fetched = await consumer.getmany(timeout_ms=200, max_records=most)
            for partition, found in fetched.items():
                clock.add(decoded(found, decode))
                await consumer.commit({partition: found[-1].offset + 1})
        return clock.stop()
    finally:
        await consumer.stop()


def decoded(found: Sequence[ConsumerRecord], decode: Callable[[bytes], int]) -> int:
    """How many records the messages have."""
    return sum([decode(each.value) for each in found])


class Order:
    """Watches that the records of each shard come in the order of their offsets; `broken` counts where they do not."""

    def __init__(self) -> None:
        self.broken, self._last = 0, dict[str, int]()

    def watch(self, batch: LogBatch) -> None:
        if len(batch):
            origins = batch.records["origin"].to_pylist()
            offsets = np.array([int(each) for each in re.findall(r"-(\d+)#\d+\n", "\n".join([*origins, ""]))])
            self.broken += int((np.diff(offsets, prepend=self._last.get(batch.shard, -1)) < 0).sum())
            self._last[batch.shard] = int(offsets[-1])


def settings_of(task: Task) -> dict[str, Any]:
    """The configuration as config.toml would have it."""
    analyzers: dict[str, Any] = {name: {} for name in ("sentiment", "anomaly", "summary")}
    ending = task.records < ENDLESS
    kafka = {"bootstrap_servers": task.servers, "topics": [task.topic], "group": task.group, "follow": not ending}
    sink = {"url": task.url, "index": task.index}
    return {
        "store": {"path": task.state},
        "plugins": {"kafka": kafka, **analyzers, "elasticsearch-sink": sink},
    }


async def sllm(task: Task) -> Figures:
    """Kafka to all three analyzers to Elasticsearch, as `sllm run` does it, to where the topic ends."""
    from sllm_core.opening import open_store
    from sllm_core.runner import Runner
    from sllm_core.settings import settings_from

    clock, order = Clock(task.records, Sampler() if task.sampled else None), Order()

    def observe(batch: LogBatch) -> None:
        if len(batch):
            clock.add(len(batch))
        if task.shares:
            order.watch(batch)

    settings = settings_from(settings_of(task))
    with open_store(settings) as store:
        await Runner(settings, store, observe=observe).run()
    figures = clock.stop()
    last = await ends(task.servers, task.topic, task.partitions)
    if not task.shares and await committed(task.servers, task.group) != last:
        raise SystemExit(f"not all is acknowledged: {await committed(task.servers, task.group)} of {last}")
    return {**figures, "cpu": time.process_time(), "broken": order.broken, "seen": clock.seen}


def main() -> None:
    """Do the task of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=("bare", "sllm"))
    parser.add_argument("json", type=json.loads)
    options = parser.parse_args()
    task = Task(**options.json)
    keep_pages()
    collect_seldom()
    with patch("concurrent.futures.ThreadPoolExecutor", Here) if task.sampled else nullcontext():
        print(json.dumps(asyncio.run((bare if options.task == "bare" else sllm)(task))))


if __name__ == "__main__":
    main()
