"""What a language model costs the ingest, and how many lines there are for each call of it.

    python benchmarks/second_look.py [FOLDER | LOG.truth.csv ...] [--lines N] [--seconds S] [--rounds R]

Two million lines, a mix of all systems (see `patterns.py`), are read as `sllm run` reads them, the first million and
then the next: once without a model, and once with one that takes a second for each call. Printed are the CPU seconds
and the wall seconds until everything is read, medians of some rounds, each in a process of its own and by turns; then
the calls until nothing is left to ask. It takes some minutes, since the model is waited for.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from costs import answer
from log_streams import make_files, mix, read_system, structured_logs, system_name

LIMIT = 1800
"""How many seconds the model is waited for."""


@contextmanager
def slow_model(seconds: float) -> Iterator[str]:
    """The address of a model that takes so long for each call."""
    command = [sys.executable, str(Path(__file__).with_name("slow_model.py")), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip() if process.stdout else ""
        finally:
            process.kill()


def halves(log: Path, count: int) -> tuple[Path, Path]:
    """The first lines of a log and the rest, as two logs in folders of their own."""
    parts = log.parent / "first" / "stream.log", log.parent / "next" / "stream.log"
    with log.open("rb") as lines:
        for part in parts:
            part.parent.mkdir()
            with part.open("wb") as file:
                file.writelines(islice(lines, count))
    return parts


def ingest(log: Path, *options: str, state: Path | None = None) -> dict[str, Any]:
    """One run over a log, with a new store or that of an earlier run."""
    own = log.parent / "state"
    shutil.rmtree(own, ignore_errors=True)
    if state is not None:
        shutil.copytree(state, own)
    figures, _, _ = answer("ingest.py", log, True, *options)
    return figures


def ratios(log: Path, url: str, rounds: int) -> Iterator[str]:
    """The table of what a model costs the ingest."""
    runs: dict[str, list[dict[str, Any]]] = {"without a model": [], "with one": []}
    for _ in range(rounds):
        runs["without a model"].append(ingest(log)["read"])
        runs["with one"].append(ingest(log, "--url", url)["read"])
    yield f"{'until all is read':20}{'CPU s':>8}{'wall s':>8}"
    medians = {
        name: [statistics.median(each[unit] for each in figures) for unit in ("cpu", "wall")]
        for name, figures in runs.items()
    }
    for name, (cpu, wall) in medians.items():
        yield f"{name:20}{cpu:>8.2f}{wall:>8.2f}"
    slower = [after / before - 1 for before, after in zip(*medians.values(), strict=True)]
    yield f"{'slower by':20}{slower[0]:>8.1%}{slower[1]:>8.1%}   (asked: at most 5%)"


def calls(parts: Sequence[Path], url: str, lines: int) -> Iterator[str]:
    """The table of calls, for each part of the stream."""
    state = None
    for log, asked in zip(parts, (1_000, 50_000), strict=True):
        told = ingest(log, "--url", url, "--wait", str(LIMIT), state=state)["asked"]
        state = log.parent / "state"
        figures = f"{told['judged']:,} patterns judged, {told['told']:,} texts, {told['calls']:,} calls"
        share = f"{lines / max(told['calls'], 1):,.0f} lines per call (asked: {asked:,})"
        yield f"{log.parent.name} {lines:,} lines: {figures} in {told['wall']:,.0f} s: {share}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logs", type=Path, nargs="*", metavar="LOG", help="structured logs, or folders of them")
    parser.add_argument("--lines", type=int, default=1_000_000, help="lines of each part (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=1.0, help="what a call takes (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    paths = options.logs or [Path(each) for each in filter(None, [os.environ.get("SLLM_LOGHUB")])]
    if not paths:
        parser.error("give structured logs, or set SLLM_LOGHUB to a folder with them")
    systems = {system_name(each): read_system(each) for each in structured_logs(paths)}
    with tempfile.TemporaryDirectory(prefix="sllm-second-look-") as name, slow_model(options.seconds) as url:
        parts = halves(make_files(Path(name), 2 * options.lines, mix(systems))[0], options.lines)
        for table in (ratios(parts[0], url, options.rounds), calls(parts, url, options.lines)):
            for line in table:
                print(line, flush=True)


if __name__ == "__main__":
    main()
