"""What several tests need: logging as it was, plugins that are really installed for one test, and a real Ollama."""

from __future__ import annotations

import logging
import os
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from ollama_server import OwnOllama, answers, drop_model, put_model, unload_model
from sllm_core.safety import Preparation
from tiny_llama import tiny_llama

PRELUDE = """
from __future__ import annotations
from contextlib import asynccontextmanager
from typing import Annotated
from pydantic import Field, SecretStr
from sllm_core.plugin import Plugin, PluginConfig, hookimpl
from sllm_core.settings import Duration, EnvironmentName, PathInConfig
from sllm_core.testing import ListSink, ListSource, ScriptedModel
"""

settings.register_profile("sllm", deadline=None)
settings.load_profile("sllm")

CI = bool(os.environ.get("CI"))
"""Whether a server that should be there and is not makes tests fail instead of being left out."""

Install = Callable[..., None]
"""`install("acme", "class Plain(Plugin): ...", plain="Plain")`: a distribution that offers the plugin `plain`."""


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Commands send all logs of their process to standard error; the next test has its own."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)


class _Redactor:
    """Takes one address for private."""

    def redact(self, text: str) -> str:
        return text.replace("kim@shop.example", "<email:1>")

    def session(self) -> _Redactor:
        return self


@pytest.fixture(scope="session")
def prepare() -> Preparation:
    """Makes lines ready for prompts; of private values it knows kim@shop.example only."""
    return Preparation(_Redactor(), ("<|eot_id|>",), bytes(range(32)))


@pytest.fixture
def install(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs a distribution with one module; its keywords are entry points: name = class."""
    modules: list[str] = []

    def installed(distribution: str, code: str, version: str = "1.0", **entries: str) -> None:
        module = f"{distribution.replace('-', '_')}_module"
        folder = tmp_path_factory.mktemp(module)
        lines = [f"{name.replace('_', '-')} = {module}:{target}" for name, target in entries.items()]
        _write(folder / f"{module}.py", PRELUDE + code)
        _write(folder / f"{module}-{version}.dist-info" / "METADATA", f"Name: {distribution}\nVersion: {version}\n")
        _write(folder / f"{module}-{version}.dist-info" / "entry_points.txt", "\n".join(["[sllm]", *lines]))
        monkeypatch.syspath_prepend(folder)
        modules.append(module)

    yield installed
    for module in modules:
        sys.modules.pop(module, None)


@pytest.fixture(scope="session")
def ollama_url() -> str:
    """The address of a real Ollama."""
    url = os.environ.get("OLLAMA_API_URL", "").rstrip("/")
    if not url:
        pytest.skip("needs a real Ollama: start one with `ollama serve` and set OLLAMA_API_URL=http://localhost:11434")
    if not answers(url):
        (pytest.fail if CI else pytest.skip)(f"OLLAMA_API_URL is {url}, and nothing answers there: `ollama serve`")
    return url


@pytest.fixture(scope="session")
def tiny_tag(ollama_url: str) -> Iterator[str]:
    """The tag of a small Llama with random weights on the real server; it is there for this session only."""
    tag = f"sllm-test-{tiny_llama().stem}:{uuid.uuid4().hex[:12]}"
    put_model(ollama_url, tag, tiny_llama())
    yield tag
    unload_model(ollama_url, tag)
    drop_model(ollama_url, tag)


@pytest.fixture
def own_ollama(tmp_path: Path) -> Iterator[OwnOllama]:
    """A server process of the test's own, not started yet, which it may kill."""
    binary = os.environ.get("SLLM_OLLAMA_BINARY", "")
    if not binary:
        pytest.skip("needs the program ollama to start and kill: set SLLM_OLLAMA_BINARY to its path")
    folder = tmp_path / "ollama"
    folder.mkdir()
    server = OwnOllama(Path(binary), folder)
    yield server
    server.kill()


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
