"""A base on the real server that no other test has loaded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapter_scene import own_base


@pytest.fixture(scope="session")
def base(ollama_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The tag of a small Llama that adapters may be put on, and its file."""
    with own_base(ollama_url, tmp_path_factory.mktemp("base"), seed=11) as made:
        yield made
