"""The file that benchmarks/throughput.py makes is what it says."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
LINE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) \[worker-\d+\] (DEBUG|INFO|WARN|ERROR) {1,2}(\S+) - (.+)\n")
TRUTH = """line,content,event_id,template
1,lease 7 of pump closed,E1,lease <*> of <*> closed
2,lease 8 of valve closed,E1,lease <*> of <*> closed
3,lease 9 of drain closed,E1,lease <*> of <*> closed
4,tank full,E2,tank full
5,something else,E3,no <*> fits
"""


@pytest.fixture
def throughput(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    if not (ROOT / "benchmarks" / "throughput.py").exists():
        pytest.skip("the benchmarks are not here: run the tests in a checkout")
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("throughput")


@pytest.fixture
def mixed_logs(throughput: ModuleType) -> ModuleType:
    return importlib.import_module("mixed_logs")


def test_own_templates_are_at_least_150_of_12_kinds(mixed_logs: ModuleType) -> None:
    templates = list(mixed_logs.own_templates())
    assert len({each.texts for each in templates}) >= 150
    assert len({each.logger for each in templates}) >= 12


def test_every_line_has_the_header_and_a_message(mixed_logs: ModuleType) -> None:
    lines = list(mixed_logs.log_lines(list(mixed_logs.own_templates()), 300))
    assert len(lines) == 300
    assert all(LINE.fullmatch(line) for line in lines)


def test_times_ascend_within_six_hours(mixed_logs: ModuleType) -> None:
    times = [line[:23] for line in mixed_logs.log_lines(list(mixed_logs.own_templates()), 60)]
    assert times == sorted(times)
    assert (times[0], times[-1]) == ("2026-11-20 09:00:00.000", "2026-11-20 14:54:00.000")


def test_the_same_lines_come_at_every_call(mixed_logs: ModuleType) -> None:
    templates = list(mixed_logs.own_templates())
    assert list(mixed_logs.log_lines(templates, 50)) == list(mixed_logs.log_lines(templates, 50))


def test_most_templates_occur_in_a_few_thousand_lines(mixed_logs: ModuleType) -> None:
    lines = list(mixed_logs.log_lines(list(mixed_logs.own_templates()), 5000))
    seen = {re.sub(r"[^ ]*\d[^ ]*", "N", line.split(" - ", 1)[1]) for line in lines}
    assert len(seen) >= 150


def test_the_peer_gets_the_messages_behind_the_header(mixed_logs: ModuleType, tmp_path: Path) -> None:
    log, messages = mixed_logs.make_files(tmp_path, 40, 25, mixed_logs.mix(None))
    expected = [LINE.sub(r"\4", line).rstrip() for line in log.read_text(encoding="utf-8").splitlines(keepends=True)]
    assert messages.read_text(encoding="utf-8").splitlines() == expected[:25]


def test_values_of_truth_files_are_drawn_anew(mixed_logs: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "Plant.truth.csv").write_text(TRUTH)
    closed, full = mixed_logs.truth_templates(tmp_path)
    assert (full.texts, full.slots, closed.logger) == (("tank full",), (), "plant")
    drawn = closed.message(mixed_logs.random.Random(1))
    assert re.fullmatch(r"lease [1-9] of [a-z]+ closed", drawn)
    assert drawn not in TRUTH


@pytest.mark.parametrize(
    ("content", "values"),
    [("a1b2c", ("1", "2")), ("abc", ("", "")), ("a1c", None), ("xa1b2c", None), ("a1b2cd", None)],
)
def test_values_stand_between_the_fixed_texts(
    mixed_logs: ModuleType, content: str, values: tuple[str, ...] | None
) -> None:
    assert mixed_logs._values(("a", "b", "c"), content) == values


def test_the_last_row_of_the_table_is_the_reference(throughput: ModuleType) -> None:
    fast = throughput.Cost(1000, 0.5, 0.6, 100.0, 3)
    slow = throughput.Cost(100, 1.0, 1.1, 50.0, 4)
    _, first, last = throughput.table({"fast": fast, "slow": slow})
    assert first.split() == ["fast", "1,000", "0.50", "2,000", "20.0", "100", "0.6", "3"]
    assert last.split()[4] == "1.0"


def test_the_median_of_three_runs_is_taken_figure_by_figure(throughput: ModuleType) -> None:
    runs = [throughput.Cost(10, float(n), 4.0 - n, 5.0, 2) for n in (1, 3, 2)]
    assert throughput.median(runs) == throughput.Cost(10, 2.0, 2.0, 5.0, 2)


def test_drain3_groups_the_messages(throughput: ModuleType, tmp_path: Path) -> None:
    pytest.importorskip("drain3", reason="Drain3 is not installed: it comes with the dependency group dev")
    messages = tmp_path / "messages.txt"
    messages.write_text("".join(f"lease {n} closed\n" for n in range(20)))
    cost = throughput.peer(messages, 20)
    assert (cost.lines, cost.patterns) == (20, 1)
    assert cost.megabytes > 1


def test_a_failing_process_ends_the_benchmark(throughput: ModuleType, tmp_path: Path) -> None:
    command = [throughput.sys.executable, "-c", "raise SystemExit(3)"]
    with pytest.raises(SystemExit, match="ended with 3"):
        throughput.measured(command, tmp_path, {})
