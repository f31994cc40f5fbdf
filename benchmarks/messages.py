"""What it costs to read messages of a stream: `python messages.py [COUNT]` records of each kind, on one core.

Prints the microseconds of CPU per record that `MessageReader.read_many` takes, and beside them those of a bare loop of
`orjson.loads` over the same messages, the least of several runs each.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import orjson

from sllm_core.reading import MessageReader

BEGIN = 1_777_000_000
ROUNDS = 9
LOGGERS = ("com.acme.order.OrderService", "com.acme.pay.PaymentClient", "org.web.servlet.Dispatcher", "com.pool.Pool")
LEVELS = (*["INFO"] * 8, "WARN", "ERROR")


def logstash(chance: random.Random, clock: str) -> dict[str, Any]:
    """What logstash-logback-encoder writes, with two fields of the program."""
    message = f"Order {chance.randrange(10**6)} placed by user {chance.randrange(10**5)} in {chance.randrange(900)} ms"
    return {
        **{"@timestamp": f"{clock}Z", "@version": "1", "message": message, "logger_name": chance.choice(LOGGERS)},
        **{"thread_name": f"http-nio-8080-exec-{chance.randrange(20)}", "level": chance.choice(LEVELS)},
        **{"level_value": 20000, "service": "order", "host": f"web-{chance.randrange(4)}", "region": "kr-seoul"},
        **{"traceId": f"{chance.getrandbits(64):016x}", "userId": chance.randrange(10**5)},
    }


def dotted(chance: random.Random, clock: str) -> dict[str, Any]:
    """What the ECS loggers of Elastic write."""
    message = f"GET /api/items/{chance.randrange(10**5)} took {chance.randrange(900)} ms"
    return {
        **{"@timestamp": f"{clock}Z", "log.level": chance.choice(LEVELS), "message": message, "ecs.version": "1.2.0"},
        **{"service.name": "catalog", "event.dataset": "catalog.log", "log.logger": chance.choice(LOGGERS)},
        **{"process.thread.name": f"exec-{chance.randrange(20)}", "host.name": f"app-{chance.randrange(4)}"},
        **{"http.response.status_code": chance.choice((200, 404, 500)), "duration_ms": round(chance.random() * 900, 3)},
    }


def nested(chance: random.Random, clock: str) -> dict[str, Any]:
    """A message in Korean, with objects in the object."""
    message = f"결제 {chance.randrange(10**6)} 승인 지연 {chance.randrange(900)}ms"
    return {
        **{"@timestamp": f"{clock}+09:00", "message": message, "level": chance.choice(LEVELS), "tags": ["prod"]},
        **{
            "logger": chance.choice(LOGGERS),
            "thread": f"pool-{chance.randrange(9)}",
            "amount": chance.randrange(10**6),
        },
        **{"service": {"name": "pay", "version": "1.2"}, "host": {"name": f"pay-{chance.randrange(4)}"}},
    }


def documents(count: int) -> list[dict[str, Any]]:
    """A mix of the three."""
    chance = random.Random(1)
    kinds = chance.choices((logstash, dotted, nested), (4, 3, 2), k=count)
    return [kind(chance, clock) for kind, clock in zip(kinds, clocks(count, "T"), strict=True)]


def clocks(count: int, sign: str) -> Iterator[str]:
    """Ascending times to the millisecond."""
    for number in range(count):
        seconds, part = divmod(13 * number, 1000)
        yield time.strftime(f"%Y-%m-%d{sign}%H:%M:%S", time.gmtime(BEGIN + seconds)) + f".{part:03d}"


def log_lines(count: int) -> list[str]:
    """Lines as log4j writes them."""
    chance = random.Random(2)
    return [
        f"{clock} {chance.choice(LEVELS):5} [exec-{chance.randrange(20)}] {chance.choice(LOGGERS)} - "
        f"Order {chance.randrange(10**6)} placed by user {chance.randrange(10**5)} in {chance.randrange(900)} ms"
        for clock in clocks(count, " ")
    ]


def enveloped(items: list[Any], each: int = 100) -> list[bytes]:
    """The items in envelopes of so many."""
    parts = [items[begin : begin + each] for begin in range(0, len(items), each)]
    return [orjson.dumps({"type": "app", "timestamp": BEGIN, "count": len(part), "data": part}) for part in parts]


def least(act: Callable[[], object]) -> float:
    """CPU seconds of the quickest of some runs."""
    found = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        act()
        found.append(time.process_time() - begin)
    return min(found)


def parse(payloads: list[bytes]) -> None:
    """What is compared with: nothing is kept."""
    for each in payloads:
        orjson.loads(each)


def measure(name: str, payloads: list[bytes], records: int) -> None:
    """Print a line of figures."""
    reader, places = MessageReader(ZoneInfo("Asia/Seoul")), np.arange(len(payloads))
    received = np.full(len(payloads), BEGIN * 1_000_000)
    assert len(reader.read_many(payloads, "t-0", places, received).table) == records
    read = least(lambda: reader.read_many(payloads, "t-0", places, received))
    parsed = least(lambda: parse(payloads)) if payloads[0].startswith(b"{") else 0.0
    print(
        f"{name:32} {len(payloads):7,} messages  {read / records * 1e6:6.2f} us  (orjson {parsed / records * 1e6:5.2f})"
    )


def main() -> None:
    """Measure all kinds."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    objects, lines = documents(count), log_lines(count)
    measure("one object", [orjson.dumps(each) for each in objects], count)
    measure("one object, spaces and escapes", [json.dumps(each).encode() for each in objects], count)
    measure("envelopes of 100 objects", enveloped(objects), count)
    measure("envelopes of 100 lines", enveloped(lines), count)
    measure("one line", [line.encode() for line in lines], count)
    measure("one line without header", [line[30:].encode() for line in lines], count)


if __name__ == "__main__":
    main()
