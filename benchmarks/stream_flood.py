"""What a worker holds while a topic grows faster than it reads."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from stream_tasks import Task
from stream_topics import ENDLESS, committed, ends

Environment = Callable[[Path], Mapping[str, str]]
LOOKS = 12
"""How often is looked."""


def report(task: Task, logs: Sequence[Path], seconds: float, environment: Environment) -> Iterator[str]:
    """A line for each look: seconds, messages in the topic, how many of them are acknowledged, MB that are held."""
    yield f"{'s':>6}{'messages':>12}{'acknowledged':>14}{'lag':>12}{'MB held':>9}"
    held = []
    with tempfile.TemporaryDirectory(prefix="sllm-flood-") as name:
        folder = Path(name)
        worker, flood = started(task, logs, folder, environment(folder))
        try:
            for number in range(1, LOOKS + 1):
                time.sleep(seconds / LOOKS)
                last, done = asyncio.run(state(task))
                held.append(resident(worker))
                yield f"{number * seconds / LOOKS:>6.0f}{last:>12,}{done:>14,}{last - done:>12,}{held[-1]:>9.0f}"
        finally:
            for process in (flood, worker):
                process.kill()
                process.wait()
    yield f"from a third of the time to the end: {held[-1] - held[LOOKS // 3]:+.0f} MB"


def started(
    task: Task, logs: Sequence[Path], folder: Path, variables: Mapping[str, str]
) -> tuple[subprocess.Popen[bytes], subprocess.Popen[bytes]]:
    """A worker, and what fills its topic."""
    here = Path(__file__)
    endless = json.dumps(asdict(replace(task, records=ENDLESS, state=f"{folder}/state")))
    fill = [task.servers, task.topic, str(task.partitions), *(str(each.resolve()) for each in logs)]
    commands = (
        [sys.executable, str(here.with_name("stream_tasks.py")), "sllm", endless],
        [sys.executable, str(here.with_name("stream_topics.py")), *fill],
    )
    worker, flood = (subprocess.Popen(each, cwd=folder, env=dict(variables)) for each in commands)
    return worker, flood


async def state(task: Task) -> tuple[int, int]:
    """How many messages there are, and how many the group has acknowledged."""
    last, done = await ends(task.servers, task.topic, task.partitions), await committed(task.servers, task.group)
    return sum(last.values()), sum(done.values())


def resident(process: subprocess.Popen[bytes]) -> float:
    """MB that a process holds.

    Raises:
        SystemExit: it has ended.
    """
    if process.poll() is not None:
        raise SystemExit(f"the worker ended with {process.returncode}")
    pages = int(Path(f"/proc/{process.pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20
