"""An Ollama server for tests: models put there and taken away, and a process of one's own that may be killed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import IO

import httpx

from tiny_llama import TEMPLATE

PATIENCE = 60.0
"""Seconds within which a server of this machine answers, or ends."""


def answers(url: str) -> bool:
    """Whether a server is there."""
    try:
        return httpx.get(f"{url}/api/version", timeout=2, trust_env=False).is_success
    except httpx.TransportError:
        return False


def put_model(url: str, tag: str, model: Path, **parameters: object) -> str:
    """Create the tag from a GGUF file, or overwrite it; the digest of the file."""
    content = model.read_bytes()
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    with httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False) as client:
        # A blob that no tag uses any longer is removed at once, perhaps by a neighbour's test: then once more.
        for last in (False, True):
            client.post(f"/api/blobs/{digest}", content=content).raise_for_status()
            body = {"model": tag, "files": {"tiny.gguf": digest}, "template": TEMPLATE, "parameters": parameters}
            answer = client.post("/api/create", json={**body, "stream": False})
            if answer.is_success or last:
                answer.raise_for_status()
                return digest
    return digest


def drop_model(url: str, tag: str) -> None:
    """Delete the tag, if it is there."""
    with httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False) as client:
        client.request("DELETE", "/api/delete", json={"model": tag})


def unload_model(url: str, tag: str) -> None:
    """Have the server forget the weights that it holds in memory."""
    with httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False) as client:
        client.post("/api/generate", json={"model": tag, "keep_alive": 0})


class OwnOllama:
    """A server process on a free port with a folder of its own; it may be killed and started again."""

    def __init__(self, binary: Path, folder: Path) -> None:
        self._binary = binary
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self, **environment: str) -> None:
        """Start, and wait until the server answers; variables such as OLLAMA_NUM_PARALLEL are for it."""
        own = {"OLLAMA_HOST": f"127.0.0.1:{self.port}", "OLLAMA_MODELS": str(self._folder), "OLLAMA_NO_CLOUD": "true"}
        self._log = (self._folder / "server.log").open("ab")
        self._process = subprocess.Popen(
            [self._binary, "serve"],
            env={**os.environ, "HOME": str(self._folder), **own, **environment},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        ends = time.monotonic() + PATIENCE
        while not answers(self.url):
            if self._process.poll() is not None or time.monotonic() > ends:
                self.kill()
                raise RuntimeError(f"no Ollama came up; see {self._folder / 'server.log'}")
            time.sleep(0.05)

    def kill(self) -> None:
        """End it at once, with the processes that run its models."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end."""
        self._end(signal.SIGTERM)

    def kill_runners(self) -> None:
        """End the processes that run its models, and leave the server."""
        assert self._process is not None
        for child in Path(f"/proc/{self._process.pid}/task").glob("*/children"):
            for each in child.read_text().split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(each), signal.SIGKILL)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            process.wait(PATIENCE)
        if self._log is not None:
            self._log.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
