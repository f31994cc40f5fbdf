"""What several tests need: logging as it was, and distributions of plugins that are really installed for one test."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

PRELUDE = """
from __future__ import annotations
from contextlib import asynccontextmanager
from typing import Annotated
from pydantic import Field, SecretStr
from sllm_core.plugin import Plugin, PluginConfig, hookimpl
from sllm_core.settings import Duration, EnvironmentName, PathInConfig
from sllm_core.testing import ListSink, ListSource
"""

settings.register_profile("sllm", deadline=None)
settings.load_profile("sllm")

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


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
