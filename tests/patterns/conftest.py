"""What tests of patterns share with the benchmarks: the floods, and the scores of groups."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def benchmark_module(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Imports a module of the benchmarks by its name."""

    def imported(name: str) -> ModuleType:
        if not (BENCHMARKS / f"{name}.py").exists():
            pytest.skip("the benchmarks are not here: run the tests in a checkout")
        monkeypatch.syspath_prepend(str(BENCHMARKS))
        return importlib.import_module(name)

    return imported
