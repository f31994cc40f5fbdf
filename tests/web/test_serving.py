from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from web_service import CONFIG, SERVE, Start, until

Install = Callable[..., None]
LOG = "2026-03-02 00:00:00,000 INFO [main] shop.Orders - order 1 accepted\n"
FAILING = """
from sllm_core.plugin import PluginError

class Source:
    name = "failing"
    async def batches(self):
        raise RAISED
        yield
    async def acknowledge(self, cursor): ...

class Failing(Plugin[PluginConfig]):
    @hookimpl
    def sllm_sources(self):
        return [Source()]

class NotThere(Plugin[PluginConfig]):
    @hookimpl
    def sllm_lifespan(self):
        return self.opened()

    @asynccontextmanager
    async def opened(self):
        raise PluginError("no server there; start one")
        yield
"""
READING = CONFIG + '[plugins.file]\npath = "app.log"\nfollow = true\n[plugins.jsonl]\n'


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_until_a_signal_comes(serve: Start, number: signal.Signals) -> None:
    served = serve()
    until(lambda: httpx.get(f"{served.url}/health/ready").json() == {"status": "ready"})
    assert served.stop(number) == 0


def test_it_reads_what_is_configured_and_goes_on_after_a_stop(serve: Start, tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text(LOG * 3)
    served = serve(READING)
    assert _records(served.url, 3) == 3
    assert served.stop() == 0
    assert _records(serve(READING).url, 3) == 3  # the window was open, so its records are read again


def test_what_has_ended_is_told_and_answers_go_on(serve: Start, tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text(LOG * 3)
    served = serve(READING.replace("follow = true\n", ""))
    until(lambda: _component(served.url, "run") == "ended")
    until(lambda: httpx.get(f"{served.url}/health/ready").status_code == 200)
    assert served.stop() == 0
    assert "summary" in (tmp_path / "findings.jsonl").read_text()


def test_a_second_signal_ends_it_at_once(serve: Start) -> None:
    served = serve()
    with _half_a_request(served.url):
        served.process.send_signal(signal.SIGTERM)
        until(lambda: _refuses(served.url))
        assert served.process.poll() is None
        assert served.stop(signal.SIGTERM) == 143


def test_what_is_being_answered_is_answered_before_it_stops(serve: Start) -> None:
    served = serve()
    with _half_a_request(served.url) as client:
        served.process.send_signal(signal.SIGTERM)
        until(lambda: _refuses(served.url))
        client.sendall(b"a line")
        assert client.recv(100).startswith(b"HTTP/1.1 200")
    assert served.process.wait(60) == 0


@pytest.mark.parametrize("size", [9 << 20, 200 << 20])
def test_a_body_that_is_too_large_is_refused_or_broken_off(serve: Start, size: int) -> None:
    url = serve().url
    try:
        answer = httpx.post(f"{url}/analyze", content=_zeros(size), headers={"content-type": "text/plain"}, timeout=60)
        assert answer.status_code == 413
    except httpx.TransportError:
        assert size > 100 << 20
    assert httpx.get(f"{url}/health/live").status_code == 200


def test_a_body_that_comes_too_slowly_is_refused(serve: Start) -> None:
    served = serve(CONFIG.replace("port = 0", "port = 0\nbody_timeout = '50ms'"))
    with _half_a_request(served.url) as client:
        assert client.recv(100).startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize(("raised", "code"), [("ValueError('a mistake')", 1), ("PluginError('no such topic')", 1)])
def test_a_source_that_fails_for_good_ends_it(install: Install, serve: Start, raised: str, code: int) -> None:
    install("failing-dist", FAILING.replace("RAISED", raised), failing="Failing")
    served = serve(CONFIG + "[plugins.failing]\n", path=sys.path[0])
    assert served.process.wait(60) == code
    assert served.process.stderr is not None
    assert raised.split("'")[1] in served.process.stderr.read()


def test_what_is_not_there_at_the_start_ends_it_with_the_remedy(install: Install, serve: Start) -> None:
    install("failing-dist", FAILING, failing="NotThere")
    served = serve(CONFIG + "[plugins.failing]\n", path=sys.path[0])
    assert served.process.wait(60) == 2
    assert served.process.stderr is not None
    assert served.process.stderr.read() == "sllm: no server there; start one\n"


def test_others_are_refused_without_keys(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    command = [sys.executable, "-c", SERVE, "serve", "--host", "0.0.0.0"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "there is no API key" in done.stderr


def _records(url: str, wanted: int) -> int:
    def run() -> dict[str, Any]:
        return httpx.get(f"{url}/health").json()["run"] or {"records": 0}

    until(lambda: run()["records"] >= wanted)
    return int(run()["records"])


def _component(url: str, name: str) -> str:
    found = httpx.get(f"{url}/health").json()["components"]
    return next(str(each["state"]) for each in found if each["name"] == name)


def _zeros(size: int) -> Iterator[bytes]:
    for _ in range(size >> 16):
        yield bytes(1 << 16)


def _half_a_request(url: str) -> socket.socket:
    """A connection that has sent the head of a question, which is read, and not its body."""
    host, port = url.removeprefix("http://").split(":")
    client = socket.create_connection((host, int(port)), timeout=60)
    head = (
        "POST /analyze HTTP/1.1",
        f"Host: {host}",
        "Content-Type: text/plain",
        "Content-Length: 6",
        "Expect: 100-continue",
    )
    client.sendall("\r\n".join([*head, "", ""]).encode())
    assert client.recv(100).startswith(b"HTTP/1.1 100")
    return client


def _refuses(url: str) -> bool:
    try:
        httpx.get(f"{url}/health/live")
    except httpx.TransportError:  # also one that was let in and not answered
        return True
    return False
