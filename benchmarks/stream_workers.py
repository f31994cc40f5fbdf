"""What two and four workers of a group read in the time in which one reads a topic, and whether they find the same."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from stream_findings import Findings, differences, findings
from stream_tasks import Task

Environment = Callable[[Path], Mapping[str, str]]


@dataclass(frozen=True)
class Group:
    """How a topic was read by several workers.

    `wall` is the time from the first record that anyone had until the last, `together` the records per second while
    all were reading, `cpu` the CPU seconds of all; `broken` counts records that came out of order.
    """

    workers: int
    wall: float
    together: float
    cpu: float
    broken: int
    findings: Findings


def read_by(task: Task, workers: int, environment: Environment) -> Group:
    """Let so many workers read the topic, each with a state of its own."""
    own = uuid.uuid4().hex[:8]
    shared = replace(task, group=f"{task.group}-{own}", index=f"{task.index}-{own}", shares=True)
    with tempfile.TemporaryDirectory(prefix="sllm-workers-") as name:
        folder = Path(name)
        variables = environment(folder)
        running = [started(replace(shared, state=f"{folder}/{each}"), variables, folder) for each in range(workers)]
        figures = [answer(each) for each in running]
    seen = [each["seen"] for each in figures]
    return Group(
        workers,
        wall(seen),
        together(seen),
        sum(each["cpu"] for each in figures),
        sum(each["broken"] for each in figures),
        findings(task.url, shared.index),
    )


def started(task: Task, variables: Mapping[str, str], folder: Path) -> subprocess.Popen[str]:
    """A worker that reads until the group has read all."""
    script = str(Path(__file__).with_name("stream_tasks.py"))
    command = [sys.executable, script, "sllm", json.dumps(asdict(task))]
    return subprocess.Popen(command, cwd=folder, env=dict(variables), stdout=subprocess.PIPE, text=True)


def answer(process: subprocess.Popen[str]) -> dict[str, Any]:
    """The figures that the worker prints at its end."""
    output = process.communicate()[0]
    if process.returncode:
        raise SystemExit(f"a worker ended with {process.returncode}\n{output[-4000:]}")
    figures: dict[str, Any] = json.loads(output.splitlines()[-1])
    return figures


Seen = Sequence[Sequence[tuple[float, int, float]]]


def wall(seen: Seen) -> float:
    """Seconds from the first batch of any worker to the last of any."""
    read = [each for each in seen if each]
    return max(each[-1][0] for each in read) - min(each[0][0] for each in read)


def together(seen: Seen) -> float:
    """Records per second from when the last worker had its first batch until the first had its last; 0 if never."""
    if not all(seen):
        return 0.0
    begin, end = max(each[0][0] for each in seen), min(each[-1][0] for each in seen)
    records = sum(_records_by(each, end) - _records_by(each, begin) for each in seen)
    return records / (end - begin) if end > begin else 0.0


def _records_by(seen: Sequence[tuple[float, int, float]], moment: float) -> int:
    return max((records for time_, records, _ in seen if time_ <= moment), default=0)


def report(task: Task, workers: Sequence[int], environment: Environment) -> Iterator[str]:
    """A line for each number of workers, and how their findings differ from those of one."""
    yield f"{task.records:,} records in {task.partitions} partitions, at {time.strftime('%H:%M')}"
    yield f"{'workers':>8}{'wall s':>9}{'records/s together':>20}{'speed-up':>10}{'CPU s':>8}{'out of order':>14}"
    groups: list[Group] = []
    for number in workers:
        groups.append(read_by(task, number, environment))
        yield line(groups[0], groups[-1])
    for each in groups[1:]:
        unlike = "; ".join(differences(groups[0].findings, each.findings)) or "the same"
        yield f"{len(each.findings)} findings of {each.workers} beside those of {groups[0].workers}: {unlike}"


def line(first: Group, group: Group) -> str:
    """A row of the table; the speed-up is of the records per second while all were reading."""
    faster = group.together / first.together if first.together else 0.0
    read = f"{group.workers:>8}{group.wall:>9.1f}{group.together:>20,.0f}{faster:>10.2f}"
    return f"{read}{group.cpu:>8.1f}{group.broken:>14}"
