"""Lines per CPU-second and peak memory of `sllm analyze`, beside Drain3 on the messages of the same file.

The file is made here, with a fixed seed: mixed application logs behind one header, six hours of event time. Where
there is a folder with logs of known events (SLLM_LOGHUB), its events are drawn anew, each system as often as the
others; else the events that come with the benchmark. Each candidate runs as a process of its own, in turns. Drain3
gets the text behind the header, cut before its clock starts; it slows down as its clusters grow, so that fewer
`--peer-lines` favour it.
"""

from __future__ import annotations

import argparse
import cProfile
import importlib.util
import json
import marshal
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import ParamSpec, TypeVar
from unittest.mock import patch

from mixed_logs import make_files, mix

P = ParamSpec("P")
T = TypeVar("T")

BEGIN, END = r"(?:(?<=[^A-Za-z0-9])|^)", r"(?=[^A-Za-z0-9]|$)"
EXAMPLE_MASKS = (
    (BEGIN + r"(?:[0-9a-f]{2,}:){3,}[0-9a-f]{2,}" + END, "ID"),
    (BEGIN + r"\d{1,3}(?:\.\d{1,3}){3}" + END, "IP"),
    (BEGIN + r"(?:[0-9a-f]{6,} ?){3,}" + END, "SEQ"),
    (BEGIN + r"(?:[0-9A-F]{4} ?){4,}" + END, "SEQ"),
    (BEGIN + r"0x[0-9a-fA-F]+" + END, "HEX"),
    (BEGIN + r"[-+]?\d+" + END, "NUM"),
    (r'(?<=executed cmd )".+?"', "CMD"),
)
"""What the example drain3.ini of Drain3 masks, written anew: ids, addresses, sequences, numbers, commands."""


def run_peer(messages: Path) -> None:
    """Groups the lines of `messages` with Drain3, its defaults and EXAMPLE_MASKS; prints CPU seconds and clusters."""
    from drain3 import TemplateMiner
    from drain3.masking import MaskingInstruction
    from drain3.template_miner_config import TemplateMinerConfig

    config = TemplateMinerConfig()
    config.masking_instructions = [MaskingInstruction(pattern, name) for pattern, name in EXAMPLE_MASKS]
    miner = TemplateMiner(config=config)
    lines = messages.read_text(encoding="utf-8").splitlines()
    started = time.process_time()
    for line in lines:
        miner.add_log_message(line)
    print(json.dumps({"seconds": time.process_time() - started, "patterns": len(miner.drain.clusters)}))


@dataclass(frozen=True)
class Cost:
    """What one process took: its lines, CPU seconds of user and system, wall seconds, peak memory in MB, patterns."""

    lines: int
    seconds: float
    wall: float
    megabytes: float
    patterns: int


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


def environment(folder: Path, numba: bool = True) -> dict[str, str]:
    """The variables of a process that caches byte code and kernels in `folder`; without `numba`, its import fails."""
    (folder / "absent").mkdir(exist_ok=True)
    (folder / "absent" / "numba.py").write_text("raise ImportError('kept out by the benchmark')\n")
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    cached = {**inherited, "PYTHONPYCACHEPREFIX": str(folder / "bytecode"), "NUMBA_CACHE_DIR": str(folder / "kernels")}
    return cached if numba else {**cached, "PYTHONPATH": str(folder / "absent")}


def analyze(log: Path, lines: int, numba: bool) -> Cost:
    """One run of `sllm analyze` in an empty folder."""
    with tempfile.TemporaryDirectory(dir=log.parent) as name:
        command = [
            str(Path(sys.executable).with_name("sllm")),
            "analyze",
            str(log),
            "--format",
            "json",
            "-o",
            "out.json",
        ]
        seconds, wall, megabytes, _ = measured(command, Path(name), environment(log.parent, numba))
        report = json.loads(Path(name, "out.json").read_bytes())
    if report["records"] != lines:
        raise SystemExit(f"sllm read {report['records']} records of {lines}")
    return Cost(lines, seconds, wall, megabytes, report["patterns"])


def peer(messages: Path, lines: int) -> Cost:
    """One run of Drain3; the seconds are those of its loop alone."""
    command = [sys.executable, str(Path(__file__).resolve()), "--run-peer", str(messages)]
    _, wall, megabytes, output = measured(command, messages.parent, environment(messages.parent))
    answer = json.loads(output.splitlines()[-1])
    return Cost(lines, answer["seconds"], wall, megabytes, answer["patterns"])


def median(costs: Sequence[Cost]) -> Cost:
    def middle(figure: Callable[[Cost], float]) -> float:
        return statistics.median(map(figure, costs))

    first, seconds = costs[0], middle(lambda cost: cost.seconds)
    return replace(first, seconds=seconds, wall=middle(lambda c: c.wall), megabytes=middle(lambda c: c.megabytes))


def table(results: Mapping[str, Cost]) -> Iterator[str]:
    """The lines of the table; the last of `results` is the peer that the ratios are to."""
    speeds = {name: cost.lines / cost.seconds for name, cost in results.items()}
    reference = list(speeds.values())[-1]
    yield f"{'':24}{'lines':>10}{'CPU s':>9}{'lines/CPU s':>13}{'x peer':>8}{'peak MB':>9}{'wall s':>8}{'patterns':>10}"
    for name, cost in results.items():
        figures = f"{cost.lines:>10,}{cost.seconds:>9.2f}{speeds[name]:>13,.0f}{speeds[name] / reference:>8.1f}"
        yield f"{name:24}{figures}{cost.megabytes:>9.0f}{cost.wall:>8.1f}{cost.patterns:>10,}"


def warm_up(log: Path, numba: bool) -> None:
    """Runs once over the first 1,000 lines, so that byte code and compiled kernels lie in their caches."""
    first = log.with_name("first.log")
    with log.open("rb") as lines:
        first.write_bytes(b"".join(islice(lines, 1000)))
    analyze(first, first.read_bytes().count(b"\n"), numba)


def compare(log: Path, messages: Path, options: argparse.Namespace) -> dict[str, Cost]:
    """The median costs of the candidates, which take turns for `options.rounds` rounds."""
    with_numba = importlib.util.find_spec("numba") is not None
    candidates: dict[str, Callable[[], Cost]] = {"sllm analyze, no numba": lambda: analyze(log, options.lines, False)}
    if with_numba:
        candidates = {"sllm analyze": lambda: analyze(log, options.lines, True), **candidates}
    candidates["Drain3, example masks"] = lambda: peer(
        messages, min(options.peer_lines or options.lines, options.lines)
    )
    warm_up(log, with_numba)
    costs: dict[str, list[Cost]] = {name: [] for name in candidates}
    for _ in range(options.rounds):
        for name, run in candidates.items():
            costs[name].append(run())
    return {name: median(each) for name, each in costs.items()}


def profile(log: Path) -> Iterator[str]:
    """Where `sllm analyze` spends its time: the 15 heaviest modules, C functions counted for their callers."""
    stats = log.with_name("profile")
    warm_up(log, importlib.util.find_spec("numba") is not None)
    script = [sys.executable, str(Path(__file__).resolve()), "--run-profile", str(stats), str(log)]
    measured(script, log.parent, environment(log.parent))
    seconds: Counter[str] = Counter()
    for (file, _, _), (_, _, own, _, callers) in marshal.loads(stats.read_bytes()).items():
        for caller, share in callers.items() if file == "~" else [((file, 0, ""), (0, 0, own))]:
            seconds["/".join(Path(caller[0]).parts[-3:])] += share[2]
    yield f"{sum(seconds.values()):8.2f} s  in all, slowed down by the profiler"
    yield from (f"{spent:8.2f} s  {module}" for module, spent in seconds.most_common(15))


def run_profile(stats: Path, log: Path) -> None:
    """Writes the statistics of one `sllm analyze`; what it would give to threads runs in the profiled one."""
    from sllm_core.cli import main as command

    sys.argv = ["sllm", "analyze", str(log), "--format", "json", "-o", str(log.with_name("report.json"))]
    profiler = cProfile.Profile()
    with patch("concurrent.futures.ThreadPoolExecutor", Here), suppress(SystemExit):
        profiler.runcall(command)
    profiler.dump_stats(stats)


class Here(ThreadPoolExecutor):
    """An executor that calls at once, in the thread that asks."""

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)
        return future


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000, help="lines of the file (default: %(default)s)")
    parser.add_argument("--peer-lines", type=int, default=0, help="lines for Drain3 (default: all of them)")
    parser.add_argument("--rounds", type=int, default=1, help="how often each candidate runs (default: %(default)s)")
    truth = os.environ.get("SLLM_LOGHUB") or None
    parser.add_argument("--loghub", type=Path, default=truth, help="folder of *.truth.csv whose events are mixed")
    parser.add_argument("--own", action="store_true", help="mix in the events that come with the benchmark as well")
    parser.add_argument("--profile", action="store_true", help="show where the time of `sllm analyze` goes, by module")
    parser.add_argument("--run-peer", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--run-profile", type=Path, nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if min(options.lines, options.peer_lines + 1, options.rounds) < 1:
        parser.error("--lines and --rounds must be at least 1, --peer-lines at least 0")
    if options.loghub and not list(options.loghub.glob("*.truth.csv")):
        parser.error(f"no *.truth.csv in {options.loghub}: give their folder with --loghub, or unset SLLM_LOGHUB")
    if options.run_peer:
        run_peer(options.run_peer)
    elif options.run_profile:
        run_profile(*options.run_profile)
    else:
        report(options)


def report(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="sllm-throughput-") as name:
        log, messages = make_files(
            Path(name), options.lines, options.peer_lines or options.lines, mix(options.loghub, options.own)
        )
        print(f"{log.stat().st_size / 1e6:,.0f} MB in {options.lines:,} lines; medians of {options.rounds} rounds")
        if options.profile:
            print(*profile(log), sep="\n")
        else:
            print(*table(compare(log, messages, options)), sep="\n")


if __name__ == "__main__":
    main()
