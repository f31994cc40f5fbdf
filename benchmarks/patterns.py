"""How fast messages become patterns, beside Drain3 with its example masks on the same whole streams.

    python benchmarks/patterns.py [FOLDER | LOG.truth.csv ...] [--system mix | all | NAME ...]

Streams of a million lines are made, with a fixed seed, from structured logs (*.truth.csv with the columns content and
template, or *_structured.csv of LogHub; default: the folder that SLLM_LOGHUB names) by drawing their values anew; of
each system alone, or of all, each as often as the others. Measured are lines per CPU-second of one core: messages to
ids with a table that is new (cold; it loads the kernel when that pays, from WARM_UP messages on) and once more (warm,
with the kernel where there is one), the file with its headers
to frames with a column of patterns, and `sllm analyze` from its start to its end. Each runs as a process of its own,
with what the extra `fast` brings and without it, in rounds of which the median counts; Drain3 groups the same messages
once for each stream, between the rounds. With --hostile and --memory: what lines made up to do harm cost, and whether
memory stays flat.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from costs import Cost, analyze, answer, is_accelerated, median
from hostile import report as hostile_report
from log_streams import Systems, make_files, mix, own_systems, read_system, structured_logs, system_name
from memory import report as memory_report
from profiles import profile

TIMES_LONGER = 10
"""How many times the lines of a stream --memory takes."""

MIX, PEER = "mix", "Drain3, example masks"
PLAIN = ", no kernel"
ASKED = MappingProxyType(
    {
        "ids, cold": 200,
        "ids, warm": 200,
        "ids, cold, no kernel": 90,
        "ids, warm, no kernel": 90,
        "frame": 80,
        "frame, no kernel": 45,
        "sllm analyze": 40,
        "sllm analyze, no kernel": 25,
    }
)
"""How many times the lines of Drain3 are asked for on the mix."""

ASKED_OF_ONE = MappingProxyType(
    {"ids, cold": 50, "ids, warm": 50, "ids, cold, no kernel": 20, "ids, warm, no kernel": 20}
)
"""The same for a single system."""


def task(name: str, file: Path, accelerated: bool) -> Cost:
    """What a task of `candidates.py` costs."""
    figures, wall, megabytes = answer("candidates.py", file, accelerated, name, *_flag(accelerated))
    return Cost(int(figures["lines"]), figures["seconds"], wall, megabytes, int(figures["patterns"]))


def _flag(accelerated: bool) -> list[str]:
    return ["--accelerated"] if accelerated else []


def peer(messages: Path, lines: int) -> Cost:
    """One run of Drain3 over the first `lines` messages; the seconds are those of its loop alone."""
    figures, wall, megabytes = answer("peer.py", messages, True, str(lines))
    return Cost(figures["lines"], figures["seconds"], wall, megabytes, figures["patterns"])


def candidates(log: Path, messages: Path, lines: int) -> dict[str, Callable[[], Cost]]:
    """What takes turns, by name."""
    runs: dict[str, Callable[[], Cost]] = {}
    for accelerated in (True, False) if is_accelerated() else (False,):
        end = "" if accelerated else PLAIN
        runs[f"ids, cold{end}"] = partial(task, "cold", messages, accelerated)
        runs[f"ids, warm{end}"] = partial(task, "warm", messages, accelerated)
        runs[f"frame{end}"] = partial(task, "frame", log, accelerated)
        runs[f"sllm analyze{end}"] = partial(analyze, log, lines, accelerated)
    return runs


def warm_up(log: Path, messages: Path) -> None:
    """Runs all once over the first 1,000 lines, so that byte code and compiled kernels lie in their caches."""
    folder = log.parent / "first"
    folder.mkdir()
    few = [folder / file.name for file in (log, messages)]
    for file, first in zip((log, messages), few, strict=True):
        with file.open("rb") as lines:
            first.write_bytes(b"".join(islice(lines, 1000)))
    for run in candidates(few[0], few[1], few[0].read_bytes().count(b"\n")).values():
        run()


def compare(log: Path, messages: Path, options: argparse.Namespace) -> dict[str, Cost]:
    """The median costs of all, Drain3's, which runs once in the middle, last."""
    runs = candidates(log, messages, options.lines)
    warm_up(log, messages)
    costs: dict[str, list[Cost]] = {name: [] for name in runs}
    reference = None
    for number in range(options.rounds):
        for name, run in runs.items():
            costs[name].append(run())
        if number == (options.rounds - 1) // 2:
            reference = peer(messages, options.peer_lines or options.lines)
    assert reference is not None
    return {**{name: median(each) for name, each in costs.items()}, PEER: reference}


def table(results: Mapping[str, Cost], asked: Mapping[str, int]) -> Iterator[str]:
    """The lines of the table; the last of `results` is the peer that the ratios are to."""
    reference = list(results.values())[-1]
    yield (
        f"{'':26}{'CPU s':>8}{'lines/CPU s':>13}{'x Drain3':>10}"
        + f"{'asked':>18}{'peak MB':>9}{'wall s':>8}{'patterns':>10}"
    )
    for name, cost in results.items():
        ratio = cost.speed / reference.speed
        figures = f"{cost.seconds:>8.2f}{cost.speed:>13,.0f}{ratio:>10.1f}{verdict(ratio, asked.get(name)):>18}"
        yield f"{name:26}{figures}{cost.megabytes:>9.0f}{cost.wall:>8.1f}{cost.patterns:>10,}"


def verdict(ratio: float, asked: int | None) -> str:
    """What was asked for, and whether it is reached."""
    if asked is None:
        return ""
    return f"{asked} {'ok' if ratio >= asked else 'not reached'}"


def chosen(systems: Systems, names: list[str]) -> dict[str, Systems]:
    """The systems of each stream that is wanted, by the name of the stream.

    Raises:
        ValueError: a name is none of a system, nor `mix` or `all`.
    """
    streams = {MIX: systems, **{name: {name: each} for name, each in systems.items()}}
    wanted = list(streams) if "all" in names else names
    if unknown := [name for name in wanted if name not in streams]:
        raise ValueError(f"no system {', '.join(unknown)}; there are {', '.join(streams)}")
    return {name: streams[name] for name in wanted}


def report(name: str, systems: Systems, options: argparse.Namespace) -> None:
    """Measure one stream and print what came out."""
    with tempfile.TemporaryDirectory(prefix="sllm-patterns-") as folder:
        log, messages = make_files(Path(folder), options.lines, mix(systems))
        sizes = [file.stat().st_size / 1e6 for file in (log, messages)]
        what = f"mix of {len(systems)} systems" if name == MIX else name
        print(f"\n{what}: {options.lines:,} lines, {sizes[0]:,.0f} MB, of which {sizes[1]:,.0f} MB are messages")
        seen = f"the first {options.peer_lines:,} lines, which favours it" if options.peer_lines else "all lines"
        print(f"medians of {options.rounds} rounds, one process at a time; Drain3 once, {seen}")
        print(*table(compare(log, messages, options), ASKED if name == MIX else ASKED_OF_ONE), sep="\n", flush=True)
        if options.profile:
            print(*profile(log, messages), sep="\n", flush=True)


def parsed() -> tuple[argparse.ArgumentParser, argparse.Namespace]:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logs", type=Path, nargs="*", metavar="LOG", help="structured logs, or folders of them")
    parser.add_argument("--lines", type=int, default=1_000_000, help="lines of a stream (default: %(default)s)")
    parser.add_argument("--system", nargs="+", default=[MIX], help="mix, all, or names of systems (default: mix)")
    parser.add_argument("--own", action="store_true", help="the events that come with the benchmark as systems, too")
    parser.add_argument("--peer-lines", type=int, default=0, help="only so many lines for Drain3: for quick looks")
    parser.add_argument("--rounds", type=int, default=3, help="how often each candidate runs (default: %(default)s)")
    parser.add_argument("--profile", action="store_true", help="show where the time goes")
    parser.add_argument("--hostile", action="store_true", help="lines made up to do harm, instead")
    parser.add_argument("--memory", action="store_true", help="ten times as many lines of 16 systems, instead")
    return parser, parser.parse_args()


def main() -> None:
    """Measure the streams of the command line."""
    parser, options = parsed()
    if min(options.lines, options.peer_lines + 1, options.rounds) < 1:
        parser.error("--lines and --rounds must be at least 1, --peer-lines at least 0")
    try:
        systems = known_systems(options)
        streams = chosen(systems, options.system)
    except ValueError as error:
        parser.error(str(error))
    if not (options.hostile or options.memory):
        for name, each in streams.items():
            report(name, each, options)
    with tempfile.TemporaryDirectory(prefix="sllm-patterns-") as folder:
        for line in bounds(options, Path(folder)):
            print(line, flush=True)


def bounds(options: argparse.Namespace, folder: Path) -> Iterator[str]:
    """What --hostile and --memory show."""
    if options.hostile:
        yield from hostile_report(folder, options.lines)
    if options.memory:
        yield from memory_report(given_logs(options), folder, TIMES_LONGER * options.lines)


def given_logs(options: argparse.Namespace) -> list[Path]:
    """The structured logs of the command line, or of SLLM_LOGHUB."""
    folder = os.environ.get("SLLM_LOGHUB")
    return structured_logs(options.logs or ([Path(folder)] if folder else []))


def known_systems(options: argparse.Namespace) -> Systems:
    """The systems of the logs; our own where there are none, or too."""
    read = {system_name(path): read_system(path) for path in given_logs(options)}
    return {**read, **(own_systems() if options.own or not read else {})}


if __name__ == "__main__":
    main()
