from __future__ import annotations

import asyncio
import logging
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sllm_core.plugin import PluginError
from sllm_core.settings import Settings, settings_from
from sllm_core.settings.differences import differences
from sllm_core.web.access import AccessLog
from sllm_core.web.gate import Gate
from sllm_core.web.keys import digest_of
from sllm_core.web.reload import Reload
from web_service import CONFIG, SERVE, Start, serving, until

KEY = {"name": "a", "digest": digest_of("key a"), "scopes": ["read"]}
OTHER = {"name": "b", "digest": digest_of("key b"), "scopes": ["admin"]}


def plain(**service: object) -> dict[str, Any]:
    return {"service": {"keys": [KEY], **service}, "plugins": {"summary": {}}}


def reloaded(
    read: Callable[[], Settings], before: dict[str, Any], key: str = "key a"
) -> tuple[dict[str, Any], Settings, Gate]:
    """What /health says after a reload, to a key; the settings, and the gate."""

    async def scene() -> tuple[dict[str, Any], Settings, Gate]:
        gate = Gate()
        async with serving(before, gate=gate) as (client, service):
            reload = Reload(service, gate, AccessLog(1), read, lambda _: None)
            gate.change(*_keys(before))
            await reload.reload()
            answer = await client.get("/health", headers={"x-api-key": key})
            return answer.json(), service.settings, gate

    return asyncio.run(scene())


def _keys(tables: dict[str, Any]) -> tuple[Any, float]:
    from sllm_core.web.keys import configured_keys

    return configured_keys(settings_from(tables)), 0.0


def test_what_can_change_at_once_does() -> None:
    after = plain(max_body=2048, deadline="1s", rate=7, keys=[OTHER]) | {"logging": {"level": "warning"}}
    health, settings, gate = reloaded(lambda: settings_from(after), plain(), "key b")
    assert (settings.service.max_body, settings.logging.level) == (2048, "warning")
    assert [each.name for each in gate.keys] == ["b"]
    assert (health["configuration"]["restart"], health["configuration"]["problem"]) == ([], "")


def test_what_cannot_is_named_and_stays() -> None:
    after = plain(port=1, queue=3) | {"language": "ko", "plugins": {"anomaly": {}}}
    health, settings, _ = reloaded(lambda: settings_from(after), plain())
    wanted = ["language", "plugins.anomaly", "plugins.summary", "service.port", "service.queue"]
    assert health["configuration"]["restart"] == wanted
    assert (settings.language, settings.service.queue) == ("en", 256)


@pytest.mark.parametrize("mistake", [{"service": {"rate": -1, "max_body": 2048}}, {"service": {"keys": [{}]}}])
def test_a_mistake_changes_nothing_and_is_told(caplog: pytest.LogCaptureFixture, mistake: dict[str, Any]) -> None:
    health, settings, gate = reloaded(lambda: settings_from(mistake), plain())
    assert differences(settings, settings_from(plain())) == ()
    assert [each.name for each in gate.keys] == ["a"]
    assert "mistakes" in health["configuration"]["problem"]
    assert "service." in str(vars(caplog.records[-1])["reason"])


@pytest.mark.parametrize("error", [PluginError("no such plugin"), ZeroDivisionError("in an import")])
def test_nothing_that_reading_raises_ends_the_service(caplog: pytest.LogCaptureFixture, error: Exception) -> None:
    def read() -> Settings:
        raise error

    health, _, _ = reloaded(read, plain())
    assert (health["status"], str(error) in str(vars(caplog.records[-1])["reason"])) == ("ok", True)


def test_the_last_key_is_not_taken_from_a_service_that_others_reach(caplog: pytest.LogCaptureFixture) -> None:
    after, before = plain(host="0.0.0.0", keys=[]), plain(host="0.0.0.0")
    _, _, gate = reloaded(lambda: settings_from(after), before)
    assert [each.name for each in gate.keys] == ["a"]
    assert "there is no API key" in str(vars(caplog.records[-1])["reason"])


def test_back_to_what_it_was_needs_no_restart() -> None:
    files = iter([plain(port=1), plain()])

    async def scene() -> list[list[str]]:
        async with serving(plain()) as (_, service):
            reload = Reload(service, Gate(), AccessLog(1), lambda: settings_from(next(files)), lambda _: None)
            found = []
            for _ in range(2):
                await reload.reload()
                found.append(service.configuration.restart)
            return found

    assert asyncio.run(scene()) == [["service.port"], []]


def test_calls_that_come_meanwhile_are_one_more_reading() -> None:
    read: list[str] = []

    async def scene() -> None:
        async with serving(plain()) as (_, service):
            ended = asyncio.Event()

            def told(_settings: Settings) -> None:
                if len(read) == 1:
                    reload()
                    reload()
                read.append("told")
                if len(read) == 4:
                    ended.set()

            def reading() -> Settings:
                read.append("read")
                return settings_from(plain())

            reload = Reload(service, Gate(), AccessLog(1), reading, told)
            reload()
            await asyncio.wait_for(ended.wait(), 60)
            await asyncio.sleep(0)

    asyncio.run(scene())
    assert read == ["read", "told"] * 2


def test_the_hangup_signal_reloads_a_service(serve: Start, tmp_path: Path) -> None:
    served = serve()
    first = _configuration(served.url)
    (tmp_path / "config.toml").write_text(CONFIG.replace("port = 0", "port = 0\nmax_body = 1024\nqueue = 3"))
    served.process.send_signal(signal.SIGHUP)
    until(lambda: _configuration(served.url)["restart"] == ["service.queue"])
    answer = httpx.post(f"{served.url}/analyze", content=b"a" * 2000, headers={"content-type": "text/plain"})
    assert (answer.status_code, _configuration(served.url)["digest"] != first["digest"]) == (413, True)
    (tmp_path / "config.toml").write_text("[service]\nqueu = 1")
    served.process.send_signal(signal.SIGHUP)
    until(lambda: "mistakes" in _configuration(served.url)["problem"])
    assert served.stop() == 0


def test_a_terminal_that_goes_stops_it(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    terminal, inner = pty.openpty()
    program = f"import fcntl, termios; fcntl.ioctl({inner}, termios.TIOCSCTTY, 0); {SERVE}"
    command = [sys.executable, "-c", program, "serve"]
    options: dict[str, Any] = {"cwd": tmp_path, "stderr": inner, "pass_fds": [inner], "start_new_session": True}
    with subprocess.Popen(command, **options) as process:
        os.close(inner)
        assert "answers on" in os.read(terminal, 1000).decode()
        os.close(terminal)
        assert process.wait(60) == 0


def _configuration(url: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{url}/health").json()["configuration"]
    return found


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers
