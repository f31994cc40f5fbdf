"""Server processes of a test's own, which may be killed, frozen and started again on the same port and data."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

PATIENCE = 180.0
"""Seconds within which a server of this machine answers, or ends."""

PORTS = range(20_000, 32_000)
"""Below those from which Linux takes the near ends of connections: a killed server's port stays free for its return,
and a client that tries it meanwhile cannot meet itself there.
"""


class OwnServer:
    """A process with a folder of its own; a subclass says how it is started and whether it answers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    @property
    def command(self) -> Sequence[str]:
        raise NotImplementedError

    @property
    def environment(self) -> Mapping[str, str]:
        return os.environ

    @property
    def user(self) -> str | None:
        """Whose process it is; None: of who runs the tests."""
        return None

    def answers(self) -> bool:
        raise NotImplementedError

    def start(self) -> None:
        """Start, and wait until the server answers.

        Raises:
            RuntimeError: it does not; the end of its log is told.
        """
        if self._process is None:
            self.spawn()
        self.wait()

    def spawn(self) -> None:
        """Start, and do not wait."""
        assert not self.runs, "it runs already"
        self._end(signal.SIGKILL)
        self._log = (self.folder / "server.log").open("ab")
        self._process = subprocess.Popen(
            self.command,
            cwd=self.folder,
            env=dict(self.environment),
            user=self.user,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    def wait(self) -> None:
        """Wait until the server answers."""
        assert self._process is not None, "it was not started"
        ends = time.monotonic() + PATIENCE
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > ends:
                self.kill()
                raise RuntimeError(f"no server came up:\n{self.said[-4000:]}")
            time.sleep(0.1)

    @property
    def runs(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def said(self) -> str:
        """What it has written to standard output and error, in all of its lives."""
        return (self.folder / "server.log").read_text(encoding="utf-8", errors="replace")

    def ended(self) -> int:
        """The exit code, once it has ended by itself."""
        assert self._process is not None, "it was not started"
        code = self._process.wait(PATIENCE)
        self._end(signal.SIGKILL)
        return code

    def kill(self) -> None:
        """End it at once, as `kill -9` does, with the processes that it started."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self._end(signal.SIGTERM)

    def freeze(self) -> None:
        """Stop it where it stands: connections stay open, and nothing answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def _end(self, number: signal.Signals) -> None:
        self._signal(number)
        self._signal(signal.SIGCONT)
        process, self._process = self._process, None
        if process is not None:
            process.wait(PATIENCE)
        if self._log is not None:
            self._log.close()


def free_port() -> int:
    """A port of this machine at which nobody listens."""
    while True:
        port = random.SystemRandom().choice(PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
