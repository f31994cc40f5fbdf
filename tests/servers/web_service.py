"""A service in this process, and one in a process of its own."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from sllm_core.runner import Runner
from sllm_core.settings import settings_from
from sllm_core.store import Store
from sllm_core.web.app import create_app
from sllm_core.web.frame import Frame
from sllm_core.web.gate import Gate
from sllm_core.web.service import Service

Tables = Mapping[str, Any]
ANALYZERS: Tables = {"plugins": {"sentiment": {}, "anomaly": {}, "summary": {}}}
SERVE = "from sllm_core.cli import main; main()"
CONFIG = """
[service]
port = 0
[logging]
level = "critical"
[plugins.sentiment]
[plugins.anomaly]
[plugins.summary]
"""


@asynccontextmanager
async def serving(
    tables: Tables = ANALYZERS, store: Store | None = None, gate: Gate | None = None
) -> AsyncIterator[tuple[httpx.AsyncClient, Service]]:
    """A client of a service that has started with these settings, which is `localhost`; without a store in memory."""
    settings = settings_from(tables)
    with store or Store() as kept:
        service = Service(settings, kept, Runner(settings, kept, grace=0), lambda: None)
        app = create_app(service)
        framed: Any = Frame(app, service.traffic, gate or Gate())
        transport = httpx.ASGITransport(framed)
        async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            while service.state == "starting":
                await asyncio.sleep(0.001)
            yield client, service


@dataclass
class Served:
    """A process `sllm serve` that answers at `url`."""

    process: subprocess.Popen[str]
    url: str

    def stop(self, number: int = signal.SIGTERM) -> int:
        """The exit code after a signal."""
        self.process.send_signal(number)
        return self.process.wait(60)


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for a condition.

    Raises:
        TimeoutError: it does not hold in time.
    """
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds:g} s")
        time.sleep(0.02)


Start = Callable[..., Served]


@contextmanager
def started(folder: Path, path: str = "") -> Iterator[Served]:
    """`sllm serve` in a folder that has a config.toml, until it is left; `path` has further modules."""
    command = [sys.executable, "-c", SERVE, "serve"]
    environ = {**os.environ, **({"PYTHONPATH": path} if path else {})}
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True, env=environ) as process:
        assert process.stderr is not None
        try:
            said, found = "", None
            while found is None and (line := process.stderr.readline()):  # what fails at once may be told before
                said, found = said + line, re.search(r"answers on (http://\S+?)(?=, )", line)
            assert found, said
            yield Served(process, found[1])
        finally:
            process.kill()
