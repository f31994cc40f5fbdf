"""What the benchmark of redaction says of a redactor is so."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    if not (ROOT / "benchmarks" / "redaction.py").exists():
        pytest.skip("the benchmarks are not here: run the tests in a checkout")
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("redaction")


def test_who_takes_all_away_finds_all_and_is_not_precise(benchmark: ModuleType) -> None:
    result = benchmark.score(lambda texts: ["" for _ in texts], benchmark.corpus())
    assert result.recall(["password", "card"]) == 1 and result.touched == result.lines
    assert result.precision == pytest.approx(sum(result.there.values()) / (sum(result.there.values()) + result.lines))


def test_who_does_nothing_finds_nothing(benchmark: ModuleType) -> None:
    result = benchmark.score(list[str], benchmark.corpus())
    assert (result.recall(["password"]), result.touched) == (0, 0)


def test_all_methods_take_several_texts(benchmark: ModuleType) -> None:
    texts = ["password='hunter2'", "nothing", "call 010-1234-5678\npassword='x1y2z3'"]
    for _, redact in benchmark.methods():
        outputs: Sequence[str] = redact(texts)
        assert len(outputs) == 3 and outputs[1] == "nothing" and list(outputs) != texts


def test_what_is_touched_in_real_logs_is_shown(
    benchmark: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "shop.log").write_text("order 17\npassword=hunter2\n", encoding="utf-8")
    benchmark.print_real(tmp_path)
    assert capsys.readouterr().out.split() == ["shop.log", "1", "of", "2", "lines", "touched", "password=<password:1>"]
