"""A process `sllm serve` for one test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from web_service import CONFIG, Served, Start, started


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Start]:
    """`serve(config)`: a process with that config.toml in `tmp_path`, which ends with the test."""
    with ExitStack() as stack:

        def start(config: str = CONFIG, path: str = "") -> Served:
            (tmp_path / "config.toml").write_text(config, encoding="utf-8")
            return stack.enter_context(started(tmp_path, path))

        yield start
