from __future__ import annotations

import gzip
import json
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Any

import httpx
import pytest

from committed_messages import committed_messages, origins

START = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=6)
COUNT = 6000
LEVELS = ("INFO", "INFO", "INFO", "WARN", "ERROR")
CONFIG = """
[logging]
level = "error"
[pipeline]
window = "1h"
[plugins.kafka]
topics = ["{topic}"]
bootstrap_servers = "{servers}"
group = "{topic}"
follow = false
enabled = {worker}
[plugins.elasticsearch]
url = "http://localhost:9200"
index = "INDEX"
enabled = {range}
[plugins.file]
path = "*.log*"
enabled = {direct}
[plugins.sentiment]
[plugins.anomaly]
[plugins.summary]
[plugins.jsonl]
path = "{output}.jsonl"
[store]
path = "{output}"
"""
SECTIONS = {"worker": "kafka", "direct": "file", "range": "elasticsearch"}


def sllm(folder: Path, *arguments: str, config: str = "replay") -> subprocess.CompletedProcess[str]:
    return subprocess.run(_command(arguments, config), cwd=folder, capture_output=True, text=True, timeout=300)


def _command(arguments: Sequence[str], config: str) -> list[str]:
    command, *options = arguments
    program = [sys.executable, "-c", "from sllm_core.cli import main; main()"]
    return [*program, command, "-c", f"{config}.toml", *options]


def kill_after(folder: Path, arguments: Sequence[str], seconds: float) -> None:
    """Start the command, and kill it if it still runs after so many seconds."""
    with subprocess.Popen(_command(arguments, "replay"), cwd=folder, stdout=subprocess.DEVNULL) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()


def source(number: int) -> dict[str, Any]:
    """A document; now and then several have one time."""
    service = ("orders", "payments", "mail")[number % 3]
    return {
        "@timestamp": (START + timedelta(seconds=number // 4 * 4)).isoformat(),
        "message": f"request {number} took {number % 97} ms"
        if number % 5
        else f"connection to db-{number % 7} refused",
        "log": {"level": LEVELS[number % 5]},
        "service": {"name": service},
        "host": {"name": f"{service}-{number % 2}"},
        "number": number,
    }


@pytest.fixture
def documents(elasticsearch_url: str, index: str) -> str:
    """An index with COUNT documents."""
    with httpx.Client(base_url=elasticsearch_url, timeout=60) as client:
        mapping = {"properties": {"@timestamp": {"type": "date"}, "message": {"type": "text"}}}
        client.put(f"/{index}", json={"mappings": mapping}).raise_for_status()
        lines = [
            json.dumps(each) for number in range(COUNT) for each in ({"index": {"_id": str(number)}}, source(number))
        ]
        body = "\n".join([*lines, ""])
        headers = {"content-type": "application/x-ndjson"}
        answer = client.post(f"/{index}/_bulk?refresh=true", content=body, headers=headers).raise_for_status()
        assert not answer.json()["errors"]
    return index


@pytest.fixture
def folder(tmp_path: Path, kafka_servers: str, topic: str) -> Path:
    """A folder with a configuration for the replay and its worker, and those of direct analyses."""
    for name, enabled in (("replay", "kafka"), ("direct", "file"), ("range", "elasticsearch")):
        on = {key: str(section == enabled).lower() for key, section in SECTIONS.items()}
        (tmp_path / f"{name}.toml").write_text(CONFIG.format(topic=topic, servers=kafka_servers, output=name, **on))
    return tmp_path


@pytest.fixture
def range_folder(folder: Path, elasticsearch_url: str, documents: str) -> Path:
    """The same with the index of the documents."""
    for config in folder.glob("*.toml"):
        config.write_text(
            config.read_text().replace("http://localhost:9200", elasticsearch_url).replace("INDEX", documents)
        )
    return folder


def since(hours: float) -> str:
    return f"{START + timedelta(hours=hours):%Y-%m-%dT%H:%M:%S}"


def test_a_range_arrives_as_it_is(range_folder: Path, kafka_servers: str, topic: str, documents: str) -> None:
    command = ("replay", "--from", "elasticsearch", "--to", "kafka", "--topic", topic, "--since", since(0))
    done = sllm(range_folder, *command)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("6,000 documents, ")
    found = committed_messages(kafka_servers, topic)
    values = [json.loads(each.value) for each in found]
    assert sorted(values, key=itemgetter("number")) == [source(each) for each in range(COUNT)]
    assert origins(found) == [f"{documents}/{each['number']}" for each in values]
    assert "nothing new: 6,000 documents" in sllm(range_folder, *command).stdout
    assert len(committed_messages(kafka_servers, topic)) == COUNT


def test_each_service_of_a_host_keeps_its_order(range_folder: Path, kafka_servers: str, topic: str) -> None:
    sllm(range_folder, "replay", "--from", "elasticsearch", "--topic", topic)
    found = committed_messages(kafka_servers, topic)
    for key in {each.key for each in found}:
        own = [each for each in found if each.key == key]
        assert len({each.partition for each in own}) == 1
        assert [each.timestamp for each in own] == sorted(each.timestamp for each in own)
    assert {each.key for each in found} == {
        f"{name}\t{name}-{n}".encode() for name in ("orders", "payments", "mail") for n in (0, 1)
    }


def test_only_the_range_is_sent(range_folder: Path, kafka_servers: str, topic: str) -> None:
    span = ("--since", since(0.5), "--until", since(1))
    done = sllm(range_folder, "replay", "--from", "elasticsearch", "--topic", topic, *span)
    assert done.returncode == 0
    numbers = [json.loads(each.value)["number"] for each in committed_messages(kafka_servers, topic)]
    assert sorted(numbers) == list(range(1800, 3600))


def test_a_dry_run_tells_what_there_is_and_sends_nothing(range_folder: Path, kafka_servers: str, topic: str) -> None:
    done = sllm(range_folder, "replay", "--from", "elasticsearch", "--topic", topic, "--dry-run")
    assert done.returncode == 0
    assert re.match(r"6,000 documents in \d+ parts, about 1\.\d MB\nfrom ", done.stdout)
    assert committed_messages(kafka_servers, topic) == []


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_moment_each_document_is_there_once(
    range_folder: Path, kafka_servers: str, topic: str, seed: int
) -> None:
    draw = random.Random(seed)
    command = ("replay", "--from", "elasticsearch", "--topic", topic, "--rate", "4000", "--parallel", "2")
    for _ in range(3):
        kill_after(range_folder, command, draw.uniform(0.8, 2.5))
    done = sllm(range_folder, *command[:-4])
    assert (done.returncode, done.stderr) == (0, "")
    counts = Counter(origins(committed_messages(kafka_servers, topic)))
    assert (len(counts), set(counts.values())) == (COUNT, {1})


def log_lines(service: str, count: int) -> Iterator[str]:
    for number in range(count):
        time = START + timedelta(seconds=3 * number + len(service) / 10)
        head = f"{time:%Y-%m-%d %H:%M:%S},{number % 1000:03d} {LEVELS[number % 5]} [main] {service}.Job"
        yield f"{head}: step {number} done\n"
        if number % 50 == 0:
            yield f"java.io.IOException: {service} {number}\n\tat {service}.Job.run(Job.java:12)\n"


@pytest.fixture
def files(folder: Path) -> Path:
    """Logs of three services over the same hours; that of one has been rotated and compressed."""
    for service in ("orders", "mail"):
        (folder / f"{service}.log").write_text("".join(log_lines(service, 3000)))
    lines = list(log_lines("payments", 3000))
    (folder / "payments.log").write_text("".join(lines[2000:]))
    with gzip.open(folder / "payments.log.1.gz", "wt") as file:
        file.writelines(lines[:2000])
    return folder


def told(folder: Path, config: str) -> tuple[dict[str, int], list[tuple[object, ...]]]:
    """What a run has found: how many records each hour has, and the patterns with their counts and times."""
    assert sllm(folder, "run", "-q", config=config).returncode == 0
    findings = [json.loads(each) for each in (folder / f"{config}.jsonl").read_text().splitlines()]
    hours = Counter[str]()
    for each in findings:
        if each["analyzer"] == "summary":
            hours[each["window"]["start"]] += each["count"]
    listed = json.loads(sllm(folder, "patterns", "--format", "json", config=config).stdout)["patterns"]
    names = ("id", "template", "count", "first", "last", "level")
    return dict(hours), sorted(tuple(each[name] for name in names) for each in listed)


def test_workers_find_in_replayed_files_what_is_found_in_them(files: Path, topic: str) -> None:
    done = sllm(files, "replay", "*.log*", "--topic", topic)
    assert (done.returncode, done.stderr) == (0, "")
    direct = told(files, "direct")
    assert sum(direct[0].values()) == 9000
    assert told(files, "replay") == direct


def test_workers_find_in_a_replayed_range_what_is_found_in_it(range_folder: Path, topic: str) -> None:
    assert sllm(range_folder, "replay", "--from", "elasticsearch", "--topic", topic).returncode == 0
    direct = told(range_folder, "range")
    assert sum(direct[0].values()) == COUNT
    assert told(range_folder, "replay") == direct


def test_killed_in_the_middle_of_files_each_record_is_there_once(files: Path, kafka_servers: str, topic: str) -> None:
    draw = random.Random(7)
    command = ("replay", "*.log*", "--topic", topic, "--rate", "6000")
    for _ in range(3):
        kill_after(files, command, draw.uniform(0.8, 2.0))
    assert sllm(files, *command[:-2]).returncode == 0
    counts = Counter(origins(committed_messages(kafka_servers, topic)))
    assert (len(counts), set(counts.values())) == (9000, {1})


def test_stopped_it_tells_how_to_go_on(files: Path, kafka_servers: str, topic: str) -> None:
    command = _command(("replay", "*.log*", "--topic", topic, "--rate", "1000"), "replay")
    command[2] = f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler); {command[2]}"
    process = subprocess.Popen(command, cwd=files, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not committed_messages(kafka_servers, topic) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    error = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert re.search(r"stopped; [\d,]+ documents are in \S+, and the same command goes on behind them", error)
    assert "9,000 in all" in sllm(files, "replay", "*.log*", "--topic", topic).stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--topic", "t"), "name files, or add [plugins.elasticsearch]"),
        (("--topic", "t", "--from", "kafka"), "has the past of its records"),
        (("--topic", "t", "--from", "elastik"), "did you mean"),
        (("--topic", "t", "none.log"), "no such file"),
        (("--topic", "missing-topic", "orders.log"), "has no topic missing-topic"),
        (("--topic", "bad topic!", "orders.log"), "a topic's name has only"),
        (("--topic", "t", "orders.log", "--from", "elasticsearch"), "leave one of them out"),
        (("--topic", "t", "orders.log", "--since", "2d"), "another time at each run"),
        (("--topic", "t", "orders.log", "--since", "2026-11-02", "--until", "2026-11-01"), "is no time"),
        (("--topic", "t", "orders.log", "--partitions", "4"), "add --create"),
        (("orders.log",), "Missing option '--topic'"),
    ],
)
def test_what_is_wrong_is_told_at_once(files: Path, arguments: tuple[str, ...], said: str) -> None:
    done = sllm(files, "replay", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in " ".join(done.stderr.split())
