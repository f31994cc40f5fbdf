"""Clients of the soak: each works in a thread until it is told to stop, and notes what it is answered."""

from __future__ import annotations

import http.client
import json
import random
import socket
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from threading import Event, Lock, Thread

Headers = Mapping[str, str]
TEXT: Headers = {"Content-Type": "text/plain"}
JSON: Headers = {"Content-Type": "application/json"}
RECORDS = 500
"""Lines of one request of a shipper."""

SLOW_READERS = 200


@dataclass
class Notes:
    """What clients were answered since the last look; `stop` ends them, `burst` has shippers send without a pause,
    `slow` has slow readers there."""

    stop: Event = field(default_factory=Event)
    burst: Event = field(default_factory=Event)
    slow: Event = field(default_factory=Event)
    statuses: Counter[str] = field(default_factory=Counter)
    taken: dict[str, list[float]] = field(default_factory=dict)
    records: int = 0
    events: int = 0
    lock: Lock = field(default_factory=Lock)

    def note(self, name: str, status: int, seconds: float) -> None:
        """A request was answered; 0: the connection was lost."""
        with self.lock:
            self.statuses[f"{name} {status}"] += 1
            self.taken.setdefault(name, []).append(seconds)

    def drained(self) -> dict[str, list[float]]:
        """The times since the last call."""
        with self.lock:
            taken, self.taken = self.taken, {}
            return taken


class Client:
    """One connection, opened again when it is lost."""

    def __init__(self, port: int, notes: Notes, name: str) -> None:
        self._port, self._notes, self._name = port, notes, name
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: bytes | None = None, headers: Headers = TEXT) -> tuple[int, bytes]:
        """The status and the body of the answer; 0 where the connection was lost."""
        begun, status, answer = time.perf_counter(), 0, b""
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection("localhost", self._port, timeout=60)
            self._connection.request(method, path, body, dict(headers) if body is not None else {})
            response = self._connection.getresponse()
            status, answer = response.status, response.read()
        except (OSError, http.client.HTTPException):
            self._connection = None
        if not self._notes.stop.is_set():
            self._notes.note(self._name, status, time.perf_counter() - begun)
        return status, answer


class Lines:
    """Lines of a log as if they were written now, and some that nobody has seen."""

    def __init__(self, lines: list[str], seed: int) -> None:
        self._lines, self._chance, self._numbers = lines, random.Random(seed), count()

    def some(self, size: int) -> bytes:
        """So many lines."""
        now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}.000"
        start = self._chance.randrange(len(self._lines) - size)
        chosen = [now + each[23:] for each in self._lines[start : start + size]]
        chosen[0] = f"{now} ERROR 1 --- [main] soak.Job : job {next(self._numbers)} of {hash(now) % 97} failed"
        return "\n".join(chosen).encode()


def analyze(client: Client, notes: Notes, lines: Lines) -> None:
    """Questions about a few lines, about 20 a second."""
    while not notes.stop.wait(0.05):
        body = {"text": lines.some(random.choice((1, 1, 1, 100))).decode()}
        client.ask("POST", "/analyze", json.dumps(body).encode(), JSON)


def ship(client: Client, notes: Notes, lines: Lines) -> None:
    """Records under keys, one in ten sent twice; without a pause while there is a burst."""
    for number in count():
        body, key = lines.some(RECORDS), f"{id(client)}-{number}"
        for _ in range(2 if number % 10 == 0 else 1):
            status, _answer = client.ask("POST", "/logs", body, {**TEXT, "Idempotency-Key": key})
        notes.records += RECORDS if status == 202 else 0
        if notes.stop.wait(0 if notes.burst.is_set() else 0.2):
            return


def browse(client: Client, notes: Notes, paths: list[str]) -> None:
    """Pages and resources, one after the other."""
    for number in count():
        client.ask("GET", paths[number % len(paths)])
        if notes.stop.wait(0.25):
            return


def read_events(port: int, notes: Notes) -> None:
    """Events as a browser reads them, from the last one on when the stream has ended."""
    last = ""
    while not notes.stop.is_set():
        try:
            with socket.create_connection(("localhost", port), 5) as reader:
                reader.sendall(_events(last))
                reader.settimeout(1)
                last = _read(reader, notes, last)
        except OSError:
            notes.stop.wait(0.2)


def _read(reader: socket.socket, notes: Notes, last: str) -> str:
    text = b""
    while not notes.stop.is_set():
        try:
            part = reader.recv(1 << 16)
        except TimeoutError:
            continue
        if not part:
            return last
        *whole, text = (text + part).split(b"\n")
        ids = [each[4:].decode() for each in whole if each.startswith(b"id: ")]
        notes.events += len(ids)
        last = ids[-1] if ids else last
    return last


def _events(last: str = "") -> bytes:
    more = f"Last-Event-ID: {last}\r\n" if last else ""
    return f"GET /findings/events HTTP/1.1\r\nHost: localhost\r\n{more}\r\n".encode()


def read_slowly(port: int, notes: Notes) -> None:
    """While they are wanted, readers that ask for all findings there ever were, and take 64 bytes a second."""
    readers: list[socket.socket] = []
    while not notes.stop.wait(1):
        while notes.slow.is_set() and len(readers) < SLOW_READERS:
            readers.append(_slow_reader(port))
        for each in list(readers):
            if not notes.slow.is_set() or not _sips(each):
                each.close()
                readers.remove(each)
    for each in readers:
        each.close()


def _slow_reader(port: int) -> socket.socket:
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.connect(("127.0.0.1", port))
    reader.sendall(_events("0"))
    reader.setblocking(False)
    return reader


def _sips(reader: socket.socket) -> bool:
    """Whether the stream goes on."""
    try:
        return bool(reader.recv(64))
    except BlockingIOError:
        return True
    except OSError:
        return False


def start(work: Callable[..., None], *arguments: object) -> Thread:
    """A thread that does it."""
    thread = Thread(target=work, args=arguments, daemon=True)
    thread.start()
    return thread


def share(values: list[float], part: float) -> float:
    """The value that this part of all is not above; 0 without any."""
    found = sorted(values)
    return found[min(bisect_left(range(len(found)), part * len(found)), len(found) - 1)] if found else 0.0
