"""Numbered records, some of them poison, and who sends them while servers and workers are killed."""

from __future__ import annotations

import asyncio
import json
import random
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

ENVELOPE = 10
"""Records of an envelope."""

POISON = 1 / 400
"""How large a part of the messages is no log at all."""

EVENTS = (
    ("INFO", "order {n} accepted in {ms} ms"),
    ("INFO", "cart of user-{n} merged, {k} lines"),
    ("INFO", "GET /orders/{n} 200 {ms}ms"),
    ("DEBUG", "cache hit for key {n} after {ms} ms"),
    ("WARN", "stock low for sku {n}: {k} left"),
    ("WARN", "응답 지연: 결제 {n}, {ms}ms"),
    ("ERROR", "payment of order {n} failed: connection refused, attempt {k} of 3"),
    ("ERROR", "결제 승인 실패: 주문 {n}, DB 연결 실패"),
)


@dataclass(frozen=True)
class Message:
    """What one Kafka message holds: good records by the numbers of them, or poison of that number."""

    partition: int
    payload: bytes
    numbers: tuple[int, ...]
    poison: bool = False


@dataclass(frozen=True)
class Traffic:
    """Records numbered from 0, whose event times ascend; the same for the same seed.

    Args:
        count: how many numbers, poison included.
        partitions: to how many partitions they go.
        window: the width in seconds of the windows that are counted.
        density: how many numbers a window has, over all partitions.
        start: the event time of number 0.
    """

    count: int
    seed: int
    partitions: int = 4
    window: int = 10
    density: int = 500
    start: datetime = datetime(2026, 1, 5, 9, tzinfo=UTC)

    @cached_property
    def messages(self) -> Sequence[Message]:
        """All messages, in the order in which they are sent."""
        return tuple(self._messages(random.Random(self.seed)))

    @property
    def good(self) -> int:
        """How many records are no poison."""
        return self.count - len(self.poison)

    @cached_property
    def poison(self) -> frozenset[int]:
        """The numbers of the poison messages."""
        return frozenset(each.numbers[0] for each in self.messages if each.poison)

    @cached_property
    def cells(self) -> Counter[tuple[int, str]]:
        """The good records of each partition and window, which bears its start: `2026-01-05T09:00:10`."""
        cells = Counter[tuple[int, str]]()
        for each in self.messages:
            if not each.poison:
                cells.update((each.partition, self.window_of(number)) for number in each.numbers)
        return cells

    def time(self, number: int) -> datetime:
        return self.start + timedelta(seconds=number * self.window / self.density)

    def window_of(self, number: int) -> str:
        return f"{self.start + timedelta(seconds=number // self.density * self.window):%Y-%m-%dT%H:%M:%S}"

    def _messages(self, rng: random.Random) -> Iterator[Message]:
        number = 0
        while number < self.count:
            partition, kind = rng.randrange(self.partitions), rng.random()
            size = ENVELOPE if kind < 0.04 else 1
            numbers = tuple(range(number, min(number + size, self.count)))
            poison = size == 1 and rng.random() < POISON
            payload = _poison(number, rng) if poison else self._payload(numbers, kind, rng)
            yield Message(partition, payload, numbers, poison)
            number = numbers[-1] + 1

    def _payload(self, numbers: Sequence[int], kind: float, rng: random.Random) -> bytes:
        if kind > 0.8:
            return self._line(numbers[0], rng).encode()
        records = [self._record(number, rng) for number in numbers]
        if len(records) == 1:
            return json.dumps(records[0]).encode()
        envelope = {"type": "shop", "timestamp": records[0]["timestamp"], "count": len(records), "data": records}
        return json.dumps(envelope, ensure_ascii=False).encode()

    def _record(self, number: int, rng: random.Random) -> dict[str, str]:
        level, message = _event(number, rng)
        time = self.time(number).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"timestamp": time, "level": level, "service": f"shop-{number % 3}", "message": message}

    def _line(self, number: int, rng: random.Random) -> str:
        level, message = _event(number, rng)
        return (
            f"{self.time(number):%Y-%m-%d %H:%M:%S.%f}"[:-3] + f" [worker-{number % 8}] {level} shop.Order - {message}"
        )


def _event(number: int, rng: random.Random) -> tuple[str, str]:
    level, text = rng.choice(EVENTS)
    return level, text.format(n=number, ms=rng.randrange(1, 2000), k=rng.randrange(1, 9))


def _poison(number: int, rng: random.Random) -> bytes:
    """What no reader can take for a record, with the number in it: half an object, or something packed."""
    broken = f'{{"message": "poison {number:09d}", "level": '
    return rng.choice([broken.encode(), b"\x1f\x8b\x08\x00poison " + f"{number:09d}".encode() + b"\x00\xff"])


class Sender(threading.Thread):
    """Sends messages at an even pace, each once, whatever happens to the broker."""

    def __init__(self, bootstrap: str, topic: str, messages: Sequence[Message], seconds: float) -> None:
        super().__init__(name="sender")
        self._servers, self._topic, self._messages, self._seconds = bootstrap, topic, messages, seconds
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            asyncio.run(self._send())
        except BaseException as error:  # told by finish(), in the thread of the test
            self._error = error

    def run_through(self, patience: float) -> None:
        """Send all, and wait until it is done."""
        self.start()
        self.finish(patience)

    def leave(self, patience: float) -> None:
        """Wait until nothing more is sent, however that ended; nothing is if it was never begun."""
        if self.ident is not None:
            self.join(patience)

    def finish(self, patience: float) -> None:
        """Wait until all messages are acknowledged."""
        self.join(patience)
        assert not self.is_alive(), "the messages were not sent in time"
        if self._error is not None:
            raise self._error

    async def _send(self) -> None:
        from aiokafka import AIOKafkaProducer

        loop, sent = asyncio.get_running_loop(), []
        options = {"enable_idempotence": True, "request_timeout_ms": 120_000, "max_batch_size": 1 << 18}
        async with AIOKafkaProducer(bootstrap_servers=self._servers, **options) as producer:
            began = loop.time()
            for place, each in enumerate(self._messages):
                due = began + self._seconds * place / len(self._messages)
                if due > loop.time():
                    await asyncio.sleep(due - loop.time())
                sent.append(await producer.send(self._topic, each.payload, partition=each.partition))
            await asyncio.gather(*sent)
