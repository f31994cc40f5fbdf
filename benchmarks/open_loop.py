"""Requests at a constant rate, from a process of its own, whatever the answers take.

    python benchmarks/open_loop.py PORT [--rate R] [--seconds S] [--connections C] [--body FILE]

Each request has a time at which it is due. How long it took is counted from there, also where it had to wait for a
connection or for the client: what users would have waited, without the coordinated omission of clients that send only
when they have been answered. Without a rate all connections send at once again, which saturates the server. Printed is
one JSON object: requests a second, p50, p99 and most in milliseconds, and how many had each status.
"""

from __future__ import annotations

import argparse
import json
import math
import select
import socket
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

LATE = 5.0
"""Seconds after the end that answers may still take."""


@dataclass
class Connection:
    """One connection, and the request that is on its way: when it was due, and what has come of its answer."""

    socket: socket.socket
    due: float = 0.0
    answer: bytearray = field(default_factory=bytearray)

    def send(self, request: bytes, due: float) -> None:
        self.due = due
        self.answer.clear()
        self.socket.sendall(request)

    def receive(self) -> int:
        """The status once the answer is whole, else 0.

        Raises:
            ConnectionError: the server has closed the connection.
        """
        part = self.socket.recv(1 << 16)
        if not part:
            raise ConnectionError("the server has closed a connection")
        self.answer += part
        head, mark, body = self.answer.partition(b"\r\n\r\n")
        return int(head[9:12]) if mark and len(body) >= _length(head) else 0


def _length(head: Iterable[int]) -> int:
    lines = bytes(head).lower().split(b"\r\n")
    return next((int(each[15:]) for each in lines if each.startswith(b"content-length:")), 0)


class Load:
    """Sends one request again and again.

    Args:
        rate: requests a second; infinite: as many as are answered.
    """

    def __init__(self, port: int, request: bytes, rate: float, connections: int) -> None:
        self._request, self._interval = request, 1 / rate
        made = (socket.create_connection(("127.0.0.1", port)) for _ in range(connections))
        self._idle = [Connection(each) for each in made]
        for each in self._idle:
            each.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._busy: dict[socket.socket, Connection] = {}
        self.taken: list[float] = []
        self.statuses: Counter[int] = Counter()

    def run(self, seconds: float) -> float:
        """Send for so many seconds, and wait for what is on its way; requests answered a second."""
        begun = due = time.perf_counter()
        end = begun + seconds
        while (now := time.perf_counter()) < end + LATE and (due < end or self._busy):
            while due <= now and due < end and self._idle:
                due = self._sent(due, now)
            self._receive(max(due - now, 0.0) if self._idle and due < end else 0.1)
        for each in (*self._idle, *self._busy.values()):
            each.socket.close()
        return len(self.taken) / (time.perf_counter() - begun)

    def _sent(self, due: float, now: float) -> float:
        """Send what is due; when the next is."""
        free = self._idle.pop()
        free.send(self._request, due if self._interval else now)
        self._busy[free.socket] = free
        return due + self._interval if self._interval else time.perf_counter()

    def _receive(self, patience: float) -> None:
        for each in select.select(list(self._busy), [], [], patience)[0]:
            connection = self._busy[each]
            if status := connection.receive():
                self.taken.append(time.perf_counter() - connection.due)
                self.statuses[status] += 1
                self._idle.append(self._busy.pop(each))


def request_of(body: bytes) -> bytes:
    """A question of POST /analyze."""
    head = "POST /analyze HTTP/1.1", "Host: localhost", "Content-Type: application/json", f"Content-Length: {len(body)}"
    return "\r\n".join([*head, "", ""]).encode() + body


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("port", type=int)
    parser.add_argument("--rate", type=float, default=math.inf, help="requests a second; by default what can be had")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--body", type=Path, help="a file; by default standard input")
    chosen = parser.parse_args()
    body = sys.stdin.buffer.read() if chosen.body is None else chosen.body.read_bytes()
    load = Load(chosen.port, request_of(body), chosen.rate, chosen.connections)
    rate, taken = load.run(chosen.seconds), sorted(load.taken)
    slow = statistics.quantiles(taken, n=100)[98] if len(taken) > 1 else math.nan
    told = {"rate": rate, "p50": statistics.median(taken) * 1e3, "p99": slow * 1e3, "most": taken[-1] * 1e3}
    print(json.dumps({**told, "statuses": load.statuses}))


if __name__ == "__main__":
    main()
