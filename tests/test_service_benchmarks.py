"""The clients of the benchmarks of the service count what they say they count."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


class Pausing(ThreadingHTTPServer):
    """Does something before it answers a question."""

    def before(self) -> None: ...


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Pausing

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/analyze":
            self.server.before()
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def server() -> Iterator[Pausing]:
    with Pausing(("127.0.0.1", 0), Answering) as made:
        thread = Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    def imported(name: str) -> ModuleType:
        if not (ROOT / "benchmarks" / f"{name}.py").exists():
            pytest.skip("the benchmarks are not here: run the tests in a checkout")
        monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
        return importlib.import_module(name)

    return imported


def test_every_request_of_the_rate_is_sent_and_counted(server: Pausing, load: Callable[[str], ModuleType]) -> None:
    open_loop = load("open_loop")
    client = open_loop.Load(server.server_port, open_loop.request_of(b"{}"), 50, 4)
    client.run(0.49)
    assert (len(client.taken), dict(client.statuses)) == (25, {200: 25})


def test_a_server_that_stands_still_is_counted_against_all_that_were_due(
    server: Pausing, load: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses = iter([0.3])
    monkeypatch.setattr(server, "before", lambda: time.sleep(next(pauses, 0)))
    open_loop = load("open_loop")
    client = open_loop.Load(server.server_port, open_loop.request_of(b"{}"), 100, 1)
    client.run(0.2)
    assert sum(each > 0.1 for each in client.taken) >= 15


def test_half_an_answer_is_none(load: Callable[[str], ModuleType]) -> None:
    class Socket:
        parts = iter([b"HTTP/1.1 200 OK\r\ncontent-length: 4", b"\r\n\r\nab", b"cd", b""])

        def recv(self, _: int) -> bytes:
            return next(self.parts)

    connection = load("open_loop").Connection(Socket())
    assert [connection.receive() for _ in range(3)] == [0, 0, 200]
    with pytest.raises(ConnectionError):
        connection.receive()


def test_the_verdict_names_what_is_not_as_it_should_be(
    load: Callable[[str], ModuleType], capsys: pytest.CaptureFixture[str]
) -> None:
    soak = load("service_soak").Soak(0, 0, Path())
    soak.memory = [(30.0 * each, 200.0 + 10 * each) for each in range(12)]
    soak.rates = {False: [1000.0], True: [100.0]}
    soak.notes.statuses.update({"pages 200": 3, "logs 503": 2, "logs 500": 1})
    faults = load("service_soak").verdict(soak)
    assert faults == ["answered logs 500 (1 times)", "memory grew by 40.0 MiB at the end", "slow readers slow it down"]
    assert "200.00 MiB" not in capsys.readouterr().out


def test_a_calm_soak_has_no_faults(load: Callable[[str], ModuleType]) -> None:
    soak = load("service_soak").Soak(0, 0, Path())
    soak.memory = [(30.0 * each, 200.0 + each % 2) for each in range(12)]
    soak.rates = {False: [1000.0], True: [900.0]}
    soak.notes.statuses.update({"pages 200": 3, "logs 429": 2})
    assert load("service_soak").verdict(soak) == []


def test_lines_are_of_now_and_as_many_as_were_asked_for(load: Callable[[str], ModuleType]) -> None:
    made = load("soak_load").Lines((ROOT / "examples" / "shop.log").read_text("utf-8").splitlines(), 1)
    assert len(made.some(20).splitlines()) == 20
    assert made.some(1) != made.some(1)
