"""What a process costs: CPU seconds, wall seconds and memory, and what is kept out of it."""

from __future__ import annotations

import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

COMPILERS = ("numba", "llvmlite")
"""What the extra `fast` brings."""


@dataclass(frozen=True)
class Cost:
    """What one process took: its lines, CPU seconds of user and system, wall seconds, peak memory in MB, patterns."""

    lines: int
    seconds: float
    wall: float
    megabytes: float
    patterns: int

    @property
    def speed(self) -> float:
        """Lines per CPU-second."""
        return self.lines / self.seconds


def median(costs: Sequence[Cost]) -> Cost:
    """The medians of CPU seconds, wall seconds and memory, each taken by itself."""

    def middle(figure: Callable[[Cost], float]) -> float:
        return statistics.median(map(figure, costs))

    seconds, wall = middle(lambda cost: cost.seconds), middle(lambda cost: cost.wall)
    return replace(costs[0], seconds=seconds, wall=wall, megabytes=middle(lambda cost: cost.megabytes))


def is_accelerated() -> bool:
    """Whether what compiles kernels is here."""
    return importlib.util.find_spec("llvmlite") is not None


def environment(folder: Path, accelerated: bool = True) -> dict[str, str]:
    """The variables of a process that caches byte code and kernels in `folder`.

    Unless it is `accelerated`, the imports of COMPILERS fail in it.
    """
    absent = folder / "absent"
    absent.mkdir(exist_ok=True)
    for name in COMPILERS:
        (absent / f"{name}.py").write_text("raise ImportError('kept out by the benchmark')\n")
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    cached = {**inherited, "PYTHONPYCACHEPREFIX": str(folder / "bytecode"), "NUMBA_CACHE_DIR": str(folder / "kernels")}
    paths = [str(absent), *filter(None, [inherited.get("PYTHONPATH")])]
    return cached if accelerated else {**cached, "PYTHONPATH": os.pathsep.join(paths)}


def measured(command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> tuple[float, float, float, str]:
    """CPU seconds, wall seconds, peak MB and the output of a process; ends the program where the process fails."""
    started = time.perf_counter()
    pipe, same = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(command, cwd=folder, env=variables, text=True, stdout=pipe, stderr=same) as process:
        output = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}\n{output}")
    scale = 2**20 if sys.platform == "darwin" else 2**10
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - started, usage.ru_maxrss / scale, output


def answer(script: str, file: Path, accelerated: bool, *options: str) -> tuple[dict[str, Any], float, float]:
    """What a script beside this one answers about a file, as JSON in its last line; its wall seconds and peak MB."""
    command = [sys.executable, str(Path(__file__).with_name(script)), str(file), *options]
    _, wall, megabytes, output = measured(command, file.parent, environment(file.parent, accelerated))
    return json.loads(output.splitlines()[-1]), wall, megabytes


def analyze(log: Path, lines: int, accelerated: bool) -> Cost:
    """One run of `sllm analyze` in an empty folder, from its start to its end."""
    with tempfile.TemporaryDirectory(dir=log.parent) as name:
        program = str(Path(sys.executable).with_name("sllm"))
        command = [program, "analyze", str(log), "--format", "json", "-o", "out.json"]
        seconds, wall, megabytes, _ = measured(command, Path(name), environment(log.parent, accelerated))
        report = json.loads(Path(name, "out.json").read_bytes())
    if report["records"] != lines:
        raise SystemExit(f"sllm read {report['records']} records of {lines}")
    return Cost(lines, seconds, wall, megabytes, report["patterns"])
