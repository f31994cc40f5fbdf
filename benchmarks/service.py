"""What `POST /analyze` costs, beside a route of Litestar that does nothing, in one run.

    python benchmarks/service.py [--seconds S] [--log FILE]

Two servers run, each in a process of its own with uvicorn and uvloop: a bare route that takes a body and answers JSON,
and `sllm serve`. One connection sends one request after the other: an empty route, a line that was asked about before,
and 100 lines whose patterns are known, different ones each time. Printed are the median and the 99th percentile of the
time to the answer, the CPU time that the server's process took for a request (which other programs on the machine do
not change), and lines per CPU-second.

Then each server is saturated by a client in a process of its own (`open_loop.py`), and asked for the known line at half
of that rate, at constant intervals, the times counted from when a request was due; the bare route also at the rate of
the service.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Thread

LOG = Path(__file__).parents[1] / "examples" / "shop.log"
CONFIG = """
[service]
port = 0
[logging]
level = "critical"
[plugins.sentiment]
[plugins.anomaly]
[plugins.summary]
"""
BARE = """
import socket, sys, uvicorn
from litestar import Litestar, Request, Response, post

@post("/analyze", status_code=200)
async def empty(request: Request) -> Response[bytes]:
    await request.body()
    return Response(b"{}", media_type="application/json")

bound = socket.create_server(("127.0.0.1", 0))
print(f"answers on http://127.0.0.1:{bound.getsockname()[1]}, bare", file=sys.stderr, flush=True)
uvicorn.Server(uvicorn.Config(Litestar([empty]), loop="uvloop", log_config=None, access_log=False)).run([bound])
"""
SERVE = "from sllm_core.cli import main; main()"
TICKS = os.sysconf("SC_CLK_TCK")
Body = Callable[[], dict[str, object]]


@contextmanager
def server(*command: str) -> Iterator[tuple[int, int]]:
    """The number of the process and the port of a server."""
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen([sys.executable, "-c", *command], cwd=folder, stderr=subprocess.PIPE, text=True) as process,
    ):
        try:
            Path(folder, "config.toml").write_text(CONFIG, encoding="utf-8")
            assert process.stderr is not None
            found = re.search(r"http://127\.0\.0\.1:(\d+)", process.stderr.readline())
            assert found, "the server did not start"
            yield process.pid, int(found[1])
        finally:
            process.kill()


def cpu_seconds(pid: int) -> float:
    """What a process has used up to now."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def ask(port: int, body: Body, seconds: float) -> list[float]:
    """How long each of the answers took that one connection was given."""
    client, taken = http.client.HTTPConnection("127.0.0.1", port), []
    end = time.perf_counter() + seconds
    while (begun := time.perf_counter()) < end:
        client.request("POST", "/analyze", json.dumps(body()).encode(), {"Content-Type": "application/json"})
        answer = client.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        taken.append(time.perf_counter() - begun)
    return taken


def measured(name: str, pid: int, port: int, body: Body, seconds: float, lines: int = 0, clients: int = 1) -> None:
    """Print what a kind of request takes."""
    ask(port, body, min(seconds, 1))
    before, taken = cpu_seconds(pid), list[float]()
    threads = [Thread(target=lambda: taken.extend(ask(port, body, seconds))) for _ in range(clients)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    cost = (cpu_seconds(pid) - before) / len(taken)
    slowest = statistics.quantiles(taken, n=100)[98]
    rate = f"{lines / cost:12,.0f}" if lines else ""
    print(f"{name:44}{1e3 * statistics.median(taken):9.2f}{1e3 * slowest:9.2f}{1e6 * cost:12,.0f}{rate}", flush=True)


def portions(log: Path, size: int, *tasks: str) -> Body:
    """Bodies of so many lines of a log, which differ from one another in a number."""
    lines, numbers, chance = log.read_text(encoding="utf-8").splitlines(), count(), random.Random(1)

    def body() -> dict[str, object]:
        start = chance.randrange(len(lines) - size)
        text = "\n".join([*lines[start : start + size - 1], f"{lines[0]} {next(numbers)}"])
        return {"text": text, **({"tasks": tasks} if tasks else {})}

    return body


def loaded(port: int, body: Body, seconds: float, rate: float | None = None) -> dict[str, float]:
    """What a client of its own meets that asks at a rate; without one that saturates the server."""
    command = [sys.executable, str(Path(__file__).with_name("open_loop.py")), str(port), "--seconds", str(seconds)]
    command += [] if rate is None else ["--rate", str(rate)]
    done = subprocess.run(command, input=json.dumps(body()).encode(), stdout=subprocess.PIPE, check=True)
    found = json.loads(done.stdout)
    assert set(found.pop("statuses")) == {"200"}, "the server refused some"
    return {name: float(value) for name, value in found.items()}


def half_loaded(name: str, port: int, body: Body, seconds: float, rate: float | None = None) -> float:
    """Print what a server takes at a rate, by default half of what saturates it; the rate."""
    rate = rate or loaded(port, body, seconds)["rate"] / 2
    found = loaded(port, body, seconds, rate)
    print(f"{name + f', {rate:,.0f} requests/s':44}{found['p50']:9.2f}{found['p99']:9.2f}", flush=True)
    return rate


def compare_half_loaded(body: Body, seconds: float) -> None:
    """Both servers at half the load that saturates them, and the bare route at the rate of the other."""
    with server(SERVE, "serve") as (_, port):
        ask(port, body, 1)
        rate = half_loaded("a line that is known", port, body, seconds)
    with server(BARE) as (_, port):
        ask(port, body, 1)
        half_loaded("a bare route", port, body, seconds)
        half_loaded("a bare route", port, body, seconds, rate)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=5, help="for each kind of request")
    parser.add_argument("--log", type=Path, default=LOG)
    chosen = parser.parse_args()
    first = chosen.log.read_text(encoding="utf-8").splitlines()[0]

    def line() -> dict[str, object]:
        return {"text": first}

    print(f"{'':44}{'p50 ms':>9}{'p99 ms':>9}{'CPU us':>12}{'lines/CPU-s':>12}")
    with server(BARE) as (pid, port):
        measured("a bare route", pid, port, line, chosen.seconds)
    with server(SERVE, "serve") as (pid, port):
        ask(port, portions(chosen.log, 1000), 3)
        measured("a line that is known", pid, port, line, chosen.seconds, 1)
        for tasks in ("sentiment",), ("anomaly",), ("summary",), ():
            body, name = portions(chosen.log, 100, *tasks), ", ".join(tasks) or "all three"
            for clients in (1, 8):
                label = f"100 lines, {name}, {clients} at a time"
                measured(label, pid, port, body, chosen.seconds, 100, clients)
    print("\nat half the load that saturates it, at constant intervals", flush=True)
    compare_half_loaded(line, chosen.seconds)


if __name__ == "__main__":
    main()
