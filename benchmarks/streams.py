"""How many records a CPU-second takes from Kafka through all analyzers to Elasticsearch, beside a bare loop.

    python benchmarks/streams.py [FOLDER | LOG.truth.csv ...] [--records N] [--rounds R] [--form FORM ...]

It needs the servers that KAFKA_BOOTSTRAP_SERVERS, ELASTICSEARCH_HOST and ELASTICSEARCH_PORT name, and makes topics and
indices of its own there, which it deletes. The records are a mix of all systems (see `patterns.py`) in three forms: one
JSON object in each message, envelopes of a hundred, plain lines. The bare loop consumes with the same client, decodes
and commits each batch of 10,000 records, and does nothing else. Only the CPU time of the process itself counts, that of
all its threads, from when the first tenth has come until all is acknowledged; each runs in a process of its own, by
turns, and medians are shown. With --profile, where the time goes; with --workers, two and four workers of one group
beside one; with --flood, what a worker holds while a topic grows faster than it reads.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from costs import environment, measured
from log_streams import structured_logs
from profiles import steps
from stream_findings import delete_indices
from stream_flood import report as flood_report
from stream_tasks import Task
from stream_topics import FORMS, create, delete, fill, templates_of
from stream_workers import report as workers_report

SHARE, SPEED = 0.6, 50_000
"""What is asked for: this part of the bare loop's records per CPU-second, and so many of them."""

PARTITIONS = 4


@dataclass(frozen=True)
class Servers:
    """Where the servers are."""

    kafka: str
    elasticsearch: str


def servers(environ: Mapping[str, str]) -> Servers:
    """The servers that the environment names.

    Raises:
        ValueError: it does not.
    """
    kafka, host = environ.get("KAFKA_BOOTSTRAP_SERVERS"), environ.get("ELASTICSEARCH_HOST")
    if not (kafka and host):
        raise ValueError("set KAFKA_BOOTSTRAP_SERVERS, such as localhost:29092, and ELASTICSEARCH_HOST")
    return Servers(kafka, f"http://{host}:{environ.get('ELASTICSEARCH_PORT', '9200')}")


@contextmanager
def topic(place: Servers, form: str, records: int, logs: Sequence[Path], partitions: int) -> Iterator[Task]:
    """A topic with records, and the task to read it; the topic and all indices of the task are deleted at the end."""
    name = f"sllm-bench-{uuid.uuid4().hex}"
    task = Task(place.kafka, name, name, form, partitions, records, place.elasticsearch, name)
    asyncio.run(create(place.kafka, name, partitions))
    try:
        asyncio.run(fill(place.kafka, name, FORMS[form](templates_of(logs), records), partitions))
        yield task
    finally:
        asyncio.run(delete(place.kafka, name))
        delete_indices(place.elasticsearch, name)


def run(name: str, task: Task) -> dict[str, Any]:
    """What a run of `stream_tasks.py` prints; group, indices and state are its own."""
    own = uuid.uuid4().hex[:8]
    with tempfile.TemporaryDirectory(prefix="sllm-streams-") as folder:
        mine = replace(task, group=f"{task.group}-{own}", index=f"{task.index}-{own}", state=f"{folder}/state")
        script = str(Path(__file__).with_name("stream_tasks.py"))
        command = [sys.executable, script, name, json.dumps(asdict(mine))]
        output = measured(command, Path(folder), own_environment(Path(folder)))[3]
    figures: dict[str, Any] = json.loads(output.splitlines()[-1])
    if figures["all"] != task.records:
        raise SystemExit(f"{name} read {figures['all']} records of {task.records}\n{output[-4000:]}")
    return figures


def own_environment(folder: Path) -> dict[str, str]:
    """The environment without what would go before the configuration of a task."""
    outside = ("KAFKA_", "ELASTICSEARCH_", "SLLM_")
    return {name: value for name, value in environment(folder).items() if not name.upper().startswith(outside)}


def speed(figures: Mapping[str, Any]) -> float:
    """Records per CPU-second."""
    return float(figures["records"] / figures["seconds"])


def compared(task: Task, rounds: int) -> Iterator[str]:
    """Runs both by turns; the line of the table."""
    speeds: dict[str, list[float]] = {"bare": [], "sllm": []}
    for number in range(rounds):
        for name in ("bare", "sllm") if number % 2 else ("sllm", "bare"):
            speeds[name].append(speed(run(name, task)))
    yield row(task.form, statistics.median(speeds["bare"]), statistics.median(speeds["sllm"]))


def row(form: str, bare: float, ours: float) -> str:
    """A line of the table: records per CPU-second of both, and what is asked for."""
    share = f"{ours / bare:>8.0%} {'ok' if ours >= SHARE * bare else 'not reached':>12}"
    return f"{form:12}{bare:>12,.0f}{ours:>12,.0f}{share}{'ok' if ours >= SPEED else 'not reached':>14}"


HEADING = f"{'':12}{'bare loop':>12}{'sllm':>12}{'share':>8} {f'asked {SHARE:.0%}':>12}{f'asked {SPEED:,}':>14}"


def profiled(task: Task) -> Iterator[str]:
    """Where the CPU time of one run of each goes."""
    yield f"\nCPU seconds by step, {task.form}, sampled in one run each, all in one thread"
    yield from steps({name: run(name, task)["steps"] for name in ("bare", "sllm")})


def report(place: Servers, options: argparse.Namespace) -> Iterator[str]:
    """The lines of the report."""
    logs = structured_logs(options.logs)
    if options.flood:
        with topic(place, "envelopes", 0, logs, PARTITIONS) as task:
            yield from flood_report(task, logs, options.seconds, own_environment)
    elif options.workers:
        with topic(place, "objects", options.records, logs, 8) as task:
            yield from workers_report(task, options.workers, own_environment)
    else:
        yield f"records per CPU-second, {options.records:,} records, medians of {options.rounds} rounds\n{HEADING}"
        for form in options.form:
            with topic(place, form, options.records, logs, PARTITIONS) as task:
                yield from compared(task, options.rounds)
                yield from profiled(task) if options.profile else ()


def parsed() -> tuple[argparse.ArgumentParser, argparse.Namespace]:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = os.environ.get("SLLM_LOGHUB")
    logs = [Path(known)] if known else []
    parser.add_argument("logs", type=Path, nargs="*", default=logs, metavar="LOG", help="structured logs, or folders")
    parser.add_argument("--records", type=int, default=500_000, help="records of a topic (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each runs (default: %(default)s)")
    parser.add_argument("--form", nargs="+", choices=FORMS, default=list(FORMS), help="which forms (default: all)")
    parser.add_argument("--profile", action="store_true", help="show where the time goes")
    parser.add_argument("--workers", type=int, nargs="+", help="so many workers on eight partitions, instead")
    parser.add_argument("--flood", action="store_true", help="a topic that grows faster than it is read, instead")
    parser.add_argument("--seconds", type=int, default=120, help="how long the flood lasts (default: %(default)s)")
    return parser, parser.parse_args()


def main() -> None:
    """Measure what the command line asks for."""
    parser, options = parsed()
    try:
        for line in report(servers(os.environ), options):
            print(line, flush=True)
    except ValueError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
