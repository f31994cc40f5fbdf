"""The rounds find what a careless worker loses and doubles."""

from __future__ import annotations

import pytest

from rounds import Stage

pytestmark = pytest.mark.faults

CARELESS = """
import asyncio, json, os, re, sys, tomllib
from collections import Counter
from pathlib import Path
import httpx
from aiokafka import AIOKafkaConsumer

CONFIG = tomllib.loads(Path(sys.argv[-1]).read_text())
KAFKA, SINK = CONFIG["plugins"]["kafka"], CONFIG["plugins"]["elasticsearch-sink"]
TIME, DIES = re.compile(r"2026-01-05[T ](\\d\\d:\\d\\d:\\d)\\d[.]"), not Path("died").exists()

def windows(payload):
    if b"poison" in payload:
        return []
    data = json.loads(payload) if payload[:1] == b"{" else {"line": payload.decode()}
    return [f"2026-01-05T{each}0" for each in TIME.findall(json.dumps(data.get("data", data)))]

def write(topic, partition, found):
    cells = Counter(window for each in found for window in windows(each.value))
    documents = []
    for window, count in cells.items():
        place = {"source": {"shard": f"{topic}-{partition}"}, "window": {"start": window}, "count": count}
        documents += [{"sllm": {"analyzer": analyzer, **place}} for analyzer in ("sentiment", "summary")]
    lines = "".join(json.dumps(each) + chr(10) for document in documents for each in ({"index": {}}, document))
    headers = {"content-type": "application/x-ndjson"}
    httpx.post(f"{SINK['url']}/{SINK['index']}-x/_bulk", content=lines, headers=headers, timeout=60).raise_for_status()

def maybe_die():
    if DIES:
        Path("died").touch()
        os._exit(9)

async def main():
    consumer = AIOKafkaConsumer(KAFKA["topics"][0], bootstrap_servers=KAFKA["bootstrap_servers"],
        group_id=KAFKA["group"], enable_auto_commit=False, auto_offset_reset="earliest", session_timeout_ms=6000)
    await consumer.start()
    while True:
        for partition, found in (await consumer.getmany(timeout_ms=200)).items():
            steps = [lambda: write(*partition, found), lambda: consumer.commit({partition: found[-1].offset + 1})]
            for number, step in enumerate(ORDER(steps)):
                result = step()
                if result is not None:
                    await result
                if number == 0:
                    maybe_die()
asyncio.run(main())
"""


@pytest.mark.parametrize(("order", "loses"), [("reversed", True), ("list", False)])
def test_what_a_careless_worker_does_is_found(stage: Stage, order: str, loses: bool) -> None:
    worker = stage.worker(program=f"ORDER = {order}\n{CARELESS}")
    stage.dismiss(worker)
    assert worker.ended() == 9
    stage.restart(worker)
    stage.flow()
    found = stage.settle()
    assert found.lag == 0
    assert (found.lost > len(stage.traffic.poison), found.doubled > 0) == (loses, not loses)
