"""One round: workers read numbered records while something fails, then all is counted."""

from __future__ import annotations

import json
import os
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from counting import Account, account
from elasticsearch_server import delete_indices
from kafka_server import committed_offsets, create_topic, delete_topics, end_offsets
from traffic import Sender, Traffic
from worker import CONFIG, MAIN, Worker

ROUNDS = int(os.environ.get("SLLM_FAULT_ROUNDS", "1"))
"""How often each fault happens."""

RECORDS = int(os.environ.get("SLLM_FAULT_RECORDS", "12000"))
"""How many numbers are sent in each round."""

RATE = 5000
"""Numbers that are sent in a second while something fails; a quarter is there before."""

PATIENCE = 150.0
"""Seconds within which what has failed must have recovered, and all must be read."""

PAUSE = 0.2


@dataclass(frozen=True)
class Outcome:
    """How a round went; `seconds` is how long it took from the end of the fault until every partition went on."""

    fault: str
    seed: int
    records: int
    lost: int
    doubled: int
    seconds: float


class Stage:
    """A topic that is being filled, a prefix for indices, and the workers between them.

    Args:
        bootstrap: the Kafka, `url` the Elasticsearch.
        folder: for the configurations and states of the workers.
    """

    def __init__(self, bootstrap: str, url: str, folder: Path, seed: int, records: int = RECORDS) -> None:
        self.bootstrap, self.url, self.seed = bootstrap, url, seed
        self.rng = random.Random(seed)
        self.traffic = Traffic(records, seed)
        name = f"sllm-fault-{uuid.uuid4().hex}"
        self.topic, self.group, self.index = name, name, name
        self._folder, self._workers, self._needed = folder, list[Worker](), list[Worker]()
        create_topic(bootstrap, self.topic, self.traffic.partitions)
        first = len(self.traffic.messages) // 4
        Sender(bootstrap, self.topic, self.traffic.messages[:first], 0).run_through(PATIENCE)
        self.seconds = (records - first) / RATE
        self._sender = Sender(bootstrap, self.topic, self.traffic.messages[first:], self.seconds)
        self._began = 0.0

    def worker(self, state: Path | None = None, program: str = MAIN) -> Worker:
        """A worker that has just been started, and should not end."""
        folder = self._folder / f"worker-{len(self._workers)}"
        values = {**vars(self), "window": self.traffic.window, "state": state or folder / "state"}
        worker = Worker(folder, CONFIG.format(**values), program)
        self._workers.append(worker)
        self._needed.append(worker)
        worker.spawn()
        return worker

    def flow(self, started: bool = True) -> None:
        """Begin to send the rest, once a worker has read something; at once unless it must have `started`."""
        if started:
            self.wait("a worker reads", lambda: any(self._committed().values()))
        self._sender.start()
        self._began = time.monotonic()

    def wait_for_moment(self, until: float = 0.9) -> None:
        """Wait until any moment of the time in which records are sent, up to that share of it."""
        due = self._began + self.rng.uniform(0, until) * self.seconds
        time.sleep(max(due - time.monotonic(), 0))

    def pause(self, shortest: float, longest: float) -> None:
        """Let a time pass, of any length between these seconds."""
        time.sleep(self.rng.uniform(shortest, longest))

    def recovery(self) -> float:
        """Wait until every partition that has something to read has gone on; how many seconds it took."""
        began, before = time.monotonic(), self._committed()
        self.wait("the partitions went on", lambda: self._moved(before))
        return time.monotonic() - began

    def settle(self) -> Account:
        """Wait until all is sent and read; then count."""
        self._sender.finish(PATIENCE)
        self.wait("all is read", self.is_read)
        return account(self.traffic, self.bootstrap, self.topic, self.group, self.url, self.index)

    def is_read(self) -> bool:
        """Whether all that is there now is acknowledged, and nothing more will be sent."""
        ends = {key: end for key, end in end_offsets(self.bootstrap, self.topic).items() if end}
        return not self._sender.is_alive() and self._committed() == ends

    def wait(self, what: str, holds: Callable[[], bool]) -> None:
        """Wait until it holds, as long as the workers that should run do."""
        ends = time.monotonic() + PATIENCE
        while not holds():
            self._check_workers()
            assert time.monotonic() < ends, f"{what}: not in {PATIENCE:.0f} s; {self._committed()}\n{self.said}"
            time.sleep(PAUSE)

    def dismiss(self, worker: Worker) -> None:
        """This worker may end."""
        self._needed.remove(worker)

    def restart(self, worker: Worker) -> None:
        """Start it again, unless it runs; from now on it should not end."""
        self._needed = [*(each for each in self._needed if each is not worker), worker]
        if not worker.runs:
            worker.spawn()

    @property
    def said(self) -> str:
        """The last lines of each worker."""
        return "\n".join(f"{each.folder.name}:\n{each.said[-3000:]}" for each in self._workers)

    def close(self) -> None:
        """End the workers and remove what the servers have."""
        for each in self._workers:
            each.kill()
        self._sender.leave(PATIENCE)
        delete_topics(self.bootstrap, self.topic, f"{self.topic}.dlq", f"{self.group}.changelog")
        delete_indices(self.url, self.index)

    def _committed(self) -> dict[tuple[str, int], int]:
        return committed_offsets(self.bootstrap, self.group)

    def _moved(self, before: dict[tuple[str, int], int]) -> bool:
        now, ends = self._committed(), end_offsets(self.bootstrap, self.topic)
        return all(now.get(key, 0) > before.get(key, 0) or now.get(key, 0) == end for key, end in ends.items())

    def _check_workers(self) -> None:
        gone = [each.folder.name for each in self._needed if not each.runs]
        assert not gone, f"{gone} ended by itself\n{self.said}"


def expect_all_counted_once(fault: str, stage: Stage, seconds: float) -> None:
    """Wait until all is read; note how the round went in the file that SLLM_FAULT_RESULTS names; say what is wrong."""
    found = stage.settle()
    outcome = Outcome(fault, stage.seed, stage.traffic.count, found.lost, found.doubled, round(seconds, 1))
    print(outcome)
    if path := os.environ.get("SLLM_FAULT_RESULTS"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(outcome)) + "\n")
    assert found.holds, f"seed {stage.seed}: {found}\n{stage.said}"
