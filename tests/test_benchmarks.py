"""The streams that the benchmarks make are what they say, and costs are told as they are."""

from __future__ import annotations

import importlib
import random
import re
import signal
import sys
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace

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


STRUCTURED = """LineId,Content,EventId,EventTemplate
1,lease 7 of pump closed,E1,lease <*> of <*> closed
"""


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return module("log_streams", monkeypatch)


@pytest.fixture
def costs(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return module("costs", monkeypatch)


@pytest.fixture
def patterns(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return module("patterns", monkeypatch)


@pytest.fixture
def sampling(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return module("sampling", monkeypatch)


def module(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    if not (ROOT / "benchmarks" / f"{name}.py").exists():
        pytest.skip("the benchmarks are not here: run the tests in a checkout")
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module(name)


def lines_of(streams: ModuleType, count: int) -> list[str]:
    return [f"{header}{message}\n" for header, message in streams.headed_lines(own(streams), count)]


def own(streams: ModuleType) -> list[object]:
    templates: list[object] = streams.mix(streams.own_systems())
    return templates


def test_own_templates_are_at_least_150_of_16_kinds(streams: ModuleType) -> None:
    systems = streams.own_systems()
    assert len({each.texts for templates in systems.values() for each in templates}) >= 150
    assert len(systems) >= 16


def test_every_line_has_the_header_and_a_message(streams: ModuleType) -> None:
    lines = lines_of(streams, 300)
    assert len(lines) == 300
    assert all(LINE.fullmatch(line) for line in lines)


def test_times_ascend_within_six_hours(streams: ModuleType) -> None:
    times = [line[:23] for line in lines_of(streams, 60)]
    assert times == sorted(times)
    assert (times[0], times[-1]) == ("2026-11-20 09:00:00.000", "2026-11-20 14:54:00.000")


def test_the_same_lines_come_at_every_call(streams: ModuleType) -> None:
    assert lines_of(streams, 50) == lines_of(streams, 50)


def test_most_templates_occur_in_a_few_thousand_lines(streams: ModuleType) -> None:
    seen = {re.sub(r"[^ ]*\d[^ ]*", "N", line.split(" - ", 1)[1]) for line in lines_of(streams, 5000)}
    assert len(seen) >= 150


def test_the_peer_gets_the_messages_behind_the_header(streams: ModuleType, tmp_path: Path) -> None:
    log, messages = streams.make_files(tmp_path, 40, own(streams))
    expected = [LINE.sub(r"\4", line).rstrip() for line in log.read_text(encoding="utf-8").splitlines(keepends=True)]
    assert messages.read_text(encoding="utf-8").splitlines() == expected


def test_values_of_structured_logs_are_drawn_anew(streams: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "Plant.truth.csv"
    path.write_text(TRUTH)
    closed, full = streams.read_system(path)
    assert (full.texts, full.slots, closed.logger) == (("tank full",), (), "plant")
    drawn = closed.message(random.Random(1))
    assert re.fullmatch(r"lease [1-9] of [a-z]+ closed", drawn)
    assert drawn not in TRUTH


def test_structured_logs_of_loghub_are_read_too(streams: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "Plant_2k.log_structured.csv"
    path.write_text(STRUCTURED)
    assert streams.structured_logs([tmp_path]) == streams.structured_logs([path]) == [path]
    assert streams.system_name(path) == "plant" and len(streams.read_system(path)) == 1


def test_logs_that_are_not_structured_are_refused(streams: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no structured log"):
        streams.structured_logs([tmp_path])
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="needs the columns content and template"):
        streams.read_system(tmp_path / "other.csv")


def test_each_system_is_as_frequent_as_the_others(streams: ModuleType) -> None:
    weights: dict[str, float] = {}
    for each in streams.mix(streams.own_systems()):
        weights[each.logger] = weights.get(each.logger, 0) + each.weight
    assert all(weight == pytest.approx(1) for weight in weights.values())


@pytest.mark.parametrize(
    ("content", "values"),
    [("a1b2c", ("1", "2")), ("abc", ("", "")), ("a1c", None), ("xa1b2c", None), ("a1b2cd", None), ("a1\nb2c", None)],
)
def test_values_stand_between_the_fixed_texts(
    streams: ModuleType, content: str, values: tuple[str, ...] | None
) -> None:
    assert streams._values(("a", "b", "c"), content) == values


def test_the_last_row_of_the_table_is_the_reference(costs: ModuleType, patterns: ModuleType) -> None:
    fast = costs.Cost(1000, 0.5, 0.6, 100.0, 3)
    slow = costs.Cost(100, 1.0, 1.1, 50.0, 4)
    _, first, last = patterns.table({"fast": fast, "slow": slow}, {"fast": 30})
    assert first.split() == ["fast", "0.50", "2,000", "20.0", "30", "not", "reached", "100", "0.6", "3"]
    assert last.split()[3] == "1.0"


def test_what_is_asked_for_is_judged(patterns: ModuleType) -> None:
    assert [patterns.verdict(2.0, asked) for asked in (2, 3, None)] == ["2 ok", "3 not reached", ""]


def test_streams_are_chosen_by_name(patterns: ModuleType) -> None:
    systems: dict[str, list[object]] = {"plant": [], "shop": []}
    assert list(patterns.chosen(systems, ["all"])) == ["mix", "plant", "shop"]
    assert patterns.chosen(systems, ["shop"]) == {"shop": {"shop": []}}
    with pytest.raises(ValueError, match="no system harbour; there are mix, plant, shop"):
        patterns.chosen(systems, ["harbour"])


def test_the_median_of_three_runs_is_taken_figure_by_figure(costs: ModuleType) -> None:
    runs = [costs.Cost(10, float(n), 4.0 - n, 5.0, 2) for n in (1, 3, 2)]
    assert costs.median(runs) == costs.Cost(10, 2.0, 2.0, 5.0, 2)


def test_drain3_groups_the_messages(patterns: ModuleType, tmp_path: Path) -> None:
    pytest.importorskip("drain3", reason="Drain3 is not installed: it comes with the dependency group dev")
    messages = tmp_path / "messages.txt"
    messages.write_text("".join(f"lease {n} closed\n" for n in range(20)))
    cost = patterns.peer(messages, 15)
    assert (cost.lines, cost.patterns) == (15, 1)
    assert cost.megabytes > 1


@pytest.mark.parametrize("task", ["cold", "warm", "frame"])
def test_messages_and_logs_become_patterns(
    patterns: ModuleType, streams: ModuleType, tmp_path: Path, task: str
) -> None:
    log, messages = streams.make_files(tmp_path, 30, own(streams)[:1])
    cost = patterns.task(task, log if task == "frame" else messages, False)
    assert (cost.lines, cost.patterns) == (30, 1)


def test_a_failing_process_ends_the_benchmark(costs: ModuleType, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit(3)"]
    with pytest.raises(SystemExit, match="ended with 3"):
        costs.measured(command, tmp_path, {})


def test_time_counts_for_the_innermost_module_that_is_a_step(sampling: ModuleType) -> None:
    frame = None
    for file in ("lib/threading.py", "x/sllm_core/patterns/merge.py", "x/sllm_core/patterns/words.py", "lib/re.py"):
        frame = SimpleNamespace(f_code=SimpleNamespace(co_filename=file), f_back=frame)
    assert sampling.step_of(frame) == "merge"
    assert sampling.step_of(None) == sampling.REST


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer of CPU time here")
def test_samples_add_up_to_the_time_spent(sampling: ModuleType) -> None:
    with sampling.Sampler() as sampler:
        started = time.process_time()
        while time.process_time() - started < 0.02:
            pass
    assert sum(sampler.seconds.values()) >= 0.02


def test_no_million_lines_are_held(monkeypatch: pytest.MonkeyPatch, streams: ModuleType) -> None:
    memory = module("memory", monkeypatch)
    systems = memory.systems_of([])
    assert len(systems) == 16
    assert [state[0] for state in memory.states(systems, 60)] == [60]


def test_colliding_lines_collide_in_arrow(monkeypatch: pytest.MonkeyPatch) -> None:
    hostile, low = module("hostile", monkeypatch), (1 << 64) - 1
    one, other = (hostile.colliding(random.Random(seed)).encode() for seed in (1, 2))
    assert one != other and len(one) == len(other) == 16
    halves = [[int.from_bytes(part, "little") for part in (each[8:], each[:8])] for each in (one, other)]
    products = [[half * by & low for half, by in zip(each, hostile.MULTIPLIERS, strict=True)] for each in halves]
    assert [last ^ first for last, first in products] == [0, 0]


def test_every_idea_of_grouping_can_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    ideas, truth = module("ideas", monkeypatch), module("truth", monkeypatch)
    few = {"plant": truth.Truth(None, ["tank full", "tank empty", "lease 7 of x=y.z"], ["E1", "E2", "E3"], [])}
    for idea in ideas.IDEAS:
        assert ideas.measured(few, idea.without())["plant"].ga == 1


def test_an_idea_is_judged_by_systems_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    ideas = module("ideas", monkeypatch)
    assert ideas.left_out({"a": 0.3, "b": 0.3, "c": 0.0}) == pytest.approx(0.2)
    assert ideas.left_out({"a": 0.3, "b": -0.2}) == pytest.approx(-0.1)
    gains = ({"a": 0.3, "b": 0.3}, {"a": 0.3, "b": 0.0}, {"a": 0.3, "b": -0.2}, {"a": 0.0})
    assert [ideas.verdict(each) for each in gains] == ["holds", "one system", "does not hold", "no effect"]
