"""Where the time of each candidate goes, step by step, and how far the fingerprints are from reading memory once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from costs import answer, is_accelerated

TASKS = ("cold", "warm", "frame", "analyze")
TIMES = 5


def profile(log: Path, messages: Path) -> Iterator[str]:
    """The CPU seconds of each step, and the rates of memory beside that of the fingerprints."""
    columns = {
        f"{name}{'' if accelerated else ' -'}": sampled(name, log if name in TASKS[2:] else messages, accelerated)
        for accelerated in ((True, False) if is_accelerated() else (False,))
        for name in TASKS
    }
    yield "\nCPU seconds by step, sampled in one run each (-: no kernel)"
    yield from steps(columns)
    yield from rates(messages, {name: each.get("fingerprint", 0.0) for name, each in columns.items() if "warm" in name})


def sampled(task: str, file: Path, accelerated: bool) -> dict[str, float]:
    """CPU seconds by step."""
    flags = ["--accelerated"] if accelerated else []
    seconds: dict[str, float] = answer("candidates.py", file, accelerated, task, "--sampled", *flags)[0]
    return seconds


def steps(columns: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """A table with a row for each step, the longest first."""
    totals = {step: sum(each.get(step, 0.0) for each in columns.values()) for each in columns.values() for step in each}
    yield f"{'':24}" + "".join(f"{name:>11}" for name in columns)
    for step in sorted(totals, key=lambda step: -totals[step]):
        yield f"{step:24}" + "".join(f"{each.get(step, 0.0):>11.3f}" for each in columns.values())
    yield f"{'in all':24}" + "".join(f"{sum(each.values()):>11.3f}" for each in columns.values())


def rates(messages: Path, fingerprints: Mapping[str, float]) -> Iterator[str]:
    """MB of messages in a CPU second: a sum over their bytes, a copy of them, and the fingerprints of the warm runs."""
    import numpy as np

    data = messages.read_bytes()
    words = np.frombuffer(data[: len(data) // 8 * 8], np.uint64)
    target = np.zeros_like(words)
    yield f"\n{'MB/s over the messages':24}" + f"{'':>11}{'of a sum':>11}"
    total = shortest(lambda: words.sum())
    figures = {f"fingerprint, {name}": seconds for name, seconds in fingerprints.items() if seconds}
    for name, seconds in {"numpy sum": total, "memcpy": shortest(lambda: np.copyto(target, words)), **figures}.items():
        yield f"{name:24}{len(data) / 1e6 / seconds:>11,.0f}{total / seconds:>11.1%}"


def shortest(work: Callable[[], object]) -> float:
    """The CPU seconds of the best of TIMES runs."""
    spent = []
    for _ in range(TIMES):
        started = time.process_time()
        work()
        spent.append(time.process_time() - started)
    return min(spent)
