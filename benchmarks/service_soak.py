"""An hour of mixed load, compressed to ten minutes: is the service as well at its end as at its beginning?

    python benchmarks/service_soak.py [--minutes M] [--log FILE]

`sllm serve` runs in a process of its own, and is asked questions, sent logs (some twice, under one key), read by
browsers and event streams. In the middle third 200 readers are there that hardly read; half-way it is told to tune;
and, where the run takes three minutes or more, its sink takes nothing for 45 seconds. Every 30 s (or a sixth of the
run) a line says how much memory it has, what was answered, how slow the slowest hundredth of the questions was, how
many records a second it takes when they are sent without a pause, and how it says that it is.

At the end: whether memory stayed flat, whether anything but 2xx, 429 and 503 was answered, whether it told the truth
about its health, and whether the slow readers slowed it down. Exit code 1 if not.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from soak_load import JSON, Client, Lines, Notes, analyze, browse, read_events, read_slowly, share, ship, start

LOG = Path(__file__).parents[1] / "examples" / "shop.log"
CONFIG = """
[service]
port = 0
[logging]
level = "warning"
[pipeline]
window = "10s"
lateness = "1s"
idle = "5s"
[plugins.http]
[plugins.sentiment]
[plugins.anomaly]
[plugins.summary]
[plugins.classifier]
[plugins.stopping-sink]
"""
SINK = """
import asyncio, os
from sllm_core.plugin import Plugin, PluginConfig, hookimpl

class StoppingSink:
    name = "stopping-sink"
    async def write(self, findings):
        while os.path.exists("sink-is-down"):
            await asyncio.sleep(0.1)

class Stopping(Plugin[PluginConfig]):
    @hookimpl
    def sllm_sinks(self): return [StoppingSink()]
"""
SERVE = "from sllm_core.cli import main; main()"
PAGES = ["/", "/anomalies", "/timeline", "/kinds", "/summaries", "/models-and-tuning", "/try", "/patterns", "/findings"]
OUTAGE = 45.0
LEAST = 180.0
GROWTH = 0.05
"""By what part of itself memory may grow in the last two fifths, when it has tuned and all that is kept is there."""


@dataclass
class Soak:
    """What has been seen."""

    port: int
    pid: int
    folder: Path
    notes: Notes = field(default_factory=Notes)
    memory: list[tuple[float, float]] = field(default_factory=list)
    rates: dict[bool, list[float]] = field(default_factory=lambda: {False: [], True: []})
    health: dict[bool, set[str]] = field(default_factory=lambda: {False: set(), True: set()})
    faults: list[str] = field(default_factory=list)


@contextmanager
def served() -> Iterator[Soak]:
    """A service in a folder of its own, with a sink that can be stopped."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "config.toml").write_text(CONFIG)
        (folder / "stopping_sink.py").write_text(SINK)
        about = folder / "stopping_sink-1.dist-info"
        about.mkdir()
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: stopping-sink\nVersion: 1\n")
        (about / "entry_points.txt").write_text("[sllm]\nstopping-sink = stopping_sink:Stopping\n")
        with (folder / "log").open("w") as log, _process(folder, log.fileno()) as process:
            yield Soak(_port(folder / "log"), process.pid, folder)


@contextmanager
def _process(folder: Path, log: int) -> Iterator[subprocess.Popen[bytes]]:
    environ = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-c", SERVE, "serve"]
    with subprocess.Popen(command, cwd=folder, stderr=log, env=environ) as process:
        try:
            yield process
        finally:
            process.terminate()


def _port(log: Path) -> int:
    for _ in range(600):
        if found := re.search(r"http://127\.0\.0\.1:(\d+)", log.read_text()):
            return int(found[1])
        time.sleep(0.1)
    raise SystemExit(f"the service did not start: {log.read_text()}")


def start_clients(soak: Soak, lines: list[str]) -> None:
    """Everybody but the slow readers, who wait until they are wanted."""
    port, notes = soak.port, soak.notes
    for number in range(2):
        start(analyze, Client(port, notes, "analyze"), notes, Lines(lines, number))
    start(ship, Client(port, notes, "logs"), notes, Lines(lines, 9))
    probe = Client(port, Notes(), "")
    start(browse, Client(port, notes, "pages"), notes, [each for each in PAGES if probe.ask("GET", each)[0] == 200])
    for _ in range(5):
        start(read_events, port, notes)
    start(read_slowly, port, notes)


def resident(pid: int) -> float:
    """MiB of memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def burst(soak: Soak, seconds: float) -> float:
    """Records a second that are taken when they are sent without a pause."""
    before, begun = soak.notes.records, time.perf_counter()
    soak.notes.burst.set()
    time.sleep(seconds)
    soak.notes.burst.clear()
    return (soak.notes.records - before) / (time.perf_counter() - begun)


def look(soak: Soak, client: Client, begun: float, seconds: float) -> None:
    """One line."""
    rate = burst(soak, seconds)
    soak.rates[soak.notes.slow.is_set()].append(rate)
    now, memory, taken = time.perf_counter() - begun, resident(soak.pid), soak.notes.drained()
    soak.memory.append((now, memory))
    slowest = " ".join(f"{name} {1e3 * share(values, 0.99):.0f}" for name, values in sorted(taken.items()))
    statuses = ", ".join(f"{name}: {many}" for name, many in sorted(soak.notes.statuses.items()))
    state = _health(client)[0]
    readers = "slow readers" if soak.notes.slow.is_set() else ""
    print(f"{now:5.0f} s {memory:6.0f} MiB {rate:9,.0f} records/s  p99 ms: {slowest}  {state} {readers}", flush=True)
    print(f"        {statuses}; {soak.notes.events} events", flush=True)


def _health(client: Client) -> tuple[str, list[str]]:
    """The status, and the components that are not well."""
    status, answer = client.ask("GET", "/health")
    if status not in (200, 503):
        return f"status {status}", []
    told = json.loads(answer)
    return told["status"], [each["name"] for each in told["components"] if each["status"] != "ok"]


def sink_outage(soak: Soak, client: Client) -> None:
    """The sink takes nothing for a while: health has to say so, and to take it back afterwards."""
    flag = soak.folder / "sink-is-down"
    flag.touch()
    time.sleep(OUTAGE)
    down = _health(client)
    flag.unlink()
    end = time.perf_counter() + 30
    while (up := _health(client))[0] != "ok" and time.perf_counter() < end:
        time.sleep(0.5)
    print(f"        the sink took nothing for {OUTAGE:.0f} s: {down}; then {up}", flush=True)
    if "stopping-sink" not in down[1]:
        soak.faults.append(f"health did not tell of the sink that took nothing: {down}")
    if up[0] != "ok":
        soak.faults.append(f"health was not well again after the outage: {up}")


def tune(client: Client) -> None:
    """Begin a run of tuning."""
    status, answer = client.ask("POST", "/fine-tune", b"{}", JSON)
    print(f"        POST /fine-tune: {status} {answer[:120].decode(errors='replace')}", flush=True)


def soaked(soak: Soak, seconds: float) -> None:
    """All phases."""
    client, begun = Client(soak.port, soak.notes, "control"), time.perf_counter()
    interval = min(30.0, seconds / 6)
    is_tuned, is_stopped = False, seconds < 180
    while (now := time.perf_counter() - begun) < seconds:
        part = now / seconds
        (soak.notes.slow.set if 1 / 3 <= part < 2 / 3 else soak.notes.slow.clear)()
        if part >= 1 / 2 and not is_tuned:
            is_tuned = True
            tune(client)
        if part >= 3 / 4 and not is_stopped:
            is_stopped = True
            sink_outage(soak, client)
        time.sleep(max(begun + now + interval * 0.9 - time.perf_counter(), 0))
        look(soak, client, begun, interval * 0.1)
    soak.notes.stop.set()


def verdict(soak: Soak) -> list[str]:
    """What is not as it should be."""
    faults = list(soak.faults)
    bad = [each for each in soak.notes.statuses if not re.search(r" (2\d\d|429|503)$", each)]
    faults += [f"answered {each} ({soak.notes.statuses[each]} times)" for each in bad]
    middle, end = len(soak.memory) // 2, len(soak.memory) * 3 // 5
    _growth("before it tunes", soak.memory[len(soak.memory) // 6 : middle])
    growth, size = _growth("after it", soak.memory[end:])
    if soak.memory[-1][0] < LEAST:
        print("that is too short to judge memory by: what is loaded when it is needed first is not all there yet")
    elif growth > GROWTH * size:
        faults.append(f"memory grew by {growth:.1f} MiB at the end")
    alone, beside = (statistics.median(soak.rates[each] or [0]) for each in (False, True))
    print(f"records/s: {alone:,.0f} without slow readers, {beside:,.0f} with {'' if beside else '(none were there)'}")
    if beside < 0.7 * alone:
        faults.append("slow readers slow it down")
    return faults


def _growth(when: str, memory: list[tuple[float, float]]) -> tuple[float, float]:
    """By how many MiB it grew, by a line through all points; and how many it had."""
    size = statistics.mean(each for _, each in memory)
    slope = statistics.linear_regression(*zip(*memory, strict=True)).slope if len(memory) > 1 else 0.0
    growth = slope * (memory[-1][0] - memory[0][0])
    print(f"memory {when}: {size:.0f} MiB, {growth:+.1f} MiB in {memory[-1][0] - memory[0][0]:.0f} s", flush=True)
    return growth, size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--log", type=Path, default=LOG)
    chosen = parser.parse_args()
    with served() as soak:
        start_clients(soak, chosen.log.read_text(encoding="utf-8").splitlines())
        soaked(soak, 60 * chosen.minutes)
        faults = verdict(soak)
        said = [line for line in (soak.folder / "log").read_text().splitlines()[1:] if line]
        print(f"the log of the service has {len(said)} warnings", *said[:5], sep="\n  ")
    print("as it should be" if not faults else "\n".join(["not as it should be:", *faults]))
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
