from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from sllm_core.findings import Finding
from sllm_core.records import LogBatch
from sllm_plugins.anomaly import Anomaly, AnomalyConfig

if TYPE_CHECKING:
    from tests.plugins.conftest import Line, Scene


def judge(scene: Scene, batch: LogBatch, **options: float) -> tuple[Finding, list[Finding]]:
    """The finding about the window that the batch closes, and those about its issues."""
    [analyzer] = Anomaly("anomaly", AnomalyConfig.model_validate(options)).sllm_analyzers(scene.context)
    window, *issues = asyncio.run(analyzer.analyze(batch))
    return window, list(issues)


def quiet(scene: Scene) -> list[Line]:
    return [
        scene.line("heartbeat of 5", count=600, spacing=6),
        scene.line("cache hit 17", count=120, spacing=30),
        scene.line("disk at 80 percent", "WARN", count=5),
    ]


def outage(scene: Scene) -> list[Line]:
    """One broken connection, as it shows in three patterns."""
    return [
        scene.line("Connection refused to db1 port 5432", "ERROR", "orders", 300, 1200, 1),
        scene.line("Retrying query attempt 3", "WARN", "orders", 280, 1200, 1.1),
        scene.line("could not load order 77: pool exhausted", "ERROR", "orders", 100, 1210, 3),
    ]


def test_a_quiet_log_is_normal(scene: Scene) -> None:
    scene.past(range(20), *quiet(scene))
    window, issues = judge(scene, scene.batch(scene.window(20, *quiet(scene))))
    assert (window.label, window.detected_issues, issues) == ("normal", (), [])
    assert window.explanation == (
        "Nothing unusual among 725 records (0 errors, 5 warnings). 1 known kind of problem came at the usual rate."
    )


def test_a_healthy_log_without_history_is_normal(scene: Scene) -> None:
    window, _ = judge(scene, scene.batch(scene.window(0, scene.line("ok 1", count=1000, spacing=3))))
    assert (window.label, window.confidence, window.method) == ("normal", 0.9, "classifier")


def test_one_fatal_line_among_many_is_found(scene: Scene) -> None:
    lines = [scene.line("ok 1", count=100_000), scene.line("machine check", "FATAL", "node", second=1800)]
    window, [issue] = judge(scene, scene.batch(scene.window(0, *lines)))
    assert (window.label, issue.label, issue.count) == ("critical", "critical", 1)
    assert (issue.confidence, window.confidence) == (0.9, 0.9)
    assert issue.evidence == (f"app@{scene.patterns.add('machine check') % 1000}",)


def test_a_fatal_record_of_a_pattern_that_is_harmless_otherwise_is_found(scene: Scene) -> None:
    window, [issue] = judge(
        scene, scene.batch(scene.window(0, scene.line("state", count=99), scene.line("state", "FATAL")))
    )
    assert (window.label, issue.count, issue.facts["patterns"][0]["level"]) == ("critical", 1, "FATAL")


def test_one_broken_connection_is_one_issue(scene: Scene) -> None:
    scene.past(range(20), *quiet(scene))
    _, [issue] = judge(scene, scene.batch(scene.window(20, *quiet(scene), *outage(scene))))
    assert issue.detected_issues == ("Connection failure", "Retry failure", "Resource exhausted")
    assert (issue.count, len(issue.patterns)) == (680, 3)
    assert issue.facts["services"] == ["orders"]
    assert "680 records of 3 patterns in orders from 2024-03-04 21:20 to 21:25" in issue.explanation


def test_two_troubles_are_two_issues(scene: Scene) -> None:
    full = scene.line("No space left on device /dev/sda1", "ERROR", "backup", 40, 3000, 2)
    window, issues = judge(scene, scene.batch(scene.window(0, *quiet(scene)[:2], *outage(scene), full)))
    assert len(issues) == 2
    assert {each.detected_issues[0] for each in issues} == {"Connection failure", "Disk full"}
    assert set(window.detected_issues) == {name for each in issues for name in each.detected_issues}


def test_the_same_old_warnings_are_no_news(scene: Scene) -> None:
    old = scene.line("disk at 80 percent", "WARN", count=50)
    scene.past(range(10), old)
    window, _ = judge(scene, scene.batch(scene.window(10, old)))
    assert (window.label, window.facts["known_problems"]) == ("normal", 1)


def test_warnings_far_above_their_rate_are_news(scene: Scene) -> None:
    scene.past(range(10), scene.line("disk at 80 percent", "WARN", count=5))
    window, [issue] = judge(scene, scene.batch(scene.window(10, scene.line("disk at 80 percent", "WARN", count=90))))
    assert (window.label, issue.facts["usual"], issue.count) == ("warning", 5.0, 90)


def test_a_critical_pattern_is_reported_as_ongoing(scene: Scene) -> None:
    scene.past(range(10), scene.line("panic 1", "ERROR"))
    window, [issue] = judge(scene, scene.batch(scene.window(10, scene.line("panic 1", "ERROR"))))
    assert (window.label, issue.facts["reason"]) == ("critical", ["problem", "ongoing"])
    assert "It has been going on in earlier windows as well." in issue.explanation


def test_a_surge_of_harmless_records_is_a_warning_by_rules(scene: Scene) -> None:
    scene.past(range(20), *quiet(scene))
    flood = scene.line("cache hit 17", count=3000, spacing=1)
    _, [issue] = judge(scene, scene.batch(scene.window(20, flood, quiet(scene)[0])))
    assert (issue.label, issue.method, issue.confidence) == ("warning", "rules", None)
    assert (issue.facts["reason"], issue.detected_issues) == (["surge"], ("Surge: “cache hit …”",))


def test_weekly_peaks_are_usual(scene: Scene) -> None:
    peak, calm = scene.line("batch row 1", count=5000), scene.line("batch row 1", count=10)
    scene.past(range(672), calm)
    for week in range(4):
        scene.store.windows[week * 168] = scene.window(week * 168, peak)
    _, issues = judge(scene, scene.batch(scene.window(672, peak)))
    assert issues == []
    _, [issue] = judge(scene, scene.batch(scene.window(672 + 10, peak)))
    assert issue.facts["reason"] == ["surge"]


def test_regular_records_that_stop_are_missed(scene: Scene) -> None:
    scene.past(range(20), *quiet(scene))
    _, [issue] = judge(scene, scene.batch(scene.window(20, quiet(scene)[0])))
    assert (issue.facts["reason"], issue.count) == (["drop"], 0)
    assert "not one record in this window" in issue.explanation


def test_nothing_is_missed_where_the_source_ended(scene: Scene) -> None:
    scene.past(range(20), *quiet(scene))
    _, issues = judge(scene, scene.batch(scene.window(20, quiet(scene)[0]), last=True))
    assert issues == []


def test_a_burst_within_the_first_window_is_seen(scene: Scene) -> None:
    steady, burst = scene.line("login of u1", count=120, spacing=30), scene.line("login of u1", count=900, second=1800)
    _, [issue] = judge(scene, scene.batch(scene.window(0, steady, burst)))
    assert (issue.facts["reason"], issue.method) == (["burst"], "rules")


def test_doubtful_patterns_are_told_where_new_ones_are_rare(scene: Scene) -> None:
    odd = scene.line("very odd thing 1", None)
    scene.past(range(10), *quiet(scene))
    _, [issue] = judge(scene, scene.batch(scene.window(10, *quiet(scene), odd)))
    assert (issue.facts["reason"], issue.method) == (["new"], "rules")


def test_doubtful_patterns_are_not_told_where_every_window_has_new_ones(scene: Scene) -> None:
    for hour in range(10):
        scene.past(range(hour, hour + 1), *(scene.line("x" * (5 * hour + each + 1)) for each in range(5)))
    _, issues = judge(scene, scene.batch(scene.window(10, scene.line("odd thing 1"))))
    assert issues == []


def test_an_unusual_share_of_errors_makes_the_window_critical(scene: Scene) -> None:
    scene.past(range(10), *quiet(scene))
    flood = scene.line("request 7 failed", "ERROR", count=2000, spacing=1)
    window, [issue] = judge(scene, scene.batch(scene.window(10, *quiet(scene), flood)))
    assert (window.label, issue.label, window.facts["reason"]) == ("critical", "warning", ["error_share"])
    assert "The share of errors is 73%; 0% is usual." in window.explanation


def test_many_answers_with_5xx_are_an_outage(scene: Scene) -> None:
    good, bad = (scene.line(f'"GET /a HTTP/1.1" {status} 10', None, "nginx", 50) for status in (200, 503))
    window, [issue] = judge(scene, scene.batch(scene.window(0, good, bad), records=scene.records(0, good, bad)))
    assert (window.label, issue.detected_issues) == ("critical", ("Server errors (5xx)",))
    assert (issue.facts["share"], issue.count, issue.method) == (0.5, 50, "rules")


def test_korean(korean_scene: Scene) -> None:
    scene = korean_scene
    scene.past(range(20), *quiet(scene))
    window, [issue] = judge(scene, scene.batch(scene.window(20, *quiet(scene), *outage(scene))))
    assert window.to_json()["detected_issues"] == ["연결 실패", "재시도 실패", "자원 고갈"]
    assert window.explanation.startswith("로그 1,405건(오류 400건, 경고 285건)에서 이상 징후 1건이 발견되었습니다")
    assert "orders에서 2024-03-04 21:20부터 21:25까지 ‘연결 실패’ 관련 로그가 680건(패턴 3개)" in issue.explanation


def test_the_findings_are_the_same_every_time_and_json(scene: Scene) -> None:
    scene.past(range(20), *quiet(scene))
    batch = scene.batch(scene.window(20, *quiet(scene), *outage(scene)))
    first, again = judge(scene, batch), judge(scene, batch)
    assert first == again
    assert Finding.from_json(first[1][0].to_json()) == first[1][0]


def test_windows_closed_together_are_judged_as_if_one_by_one(scene: Scene) -> None:
    windows = [scene.window(hour, *quiet(scene)) for hour in range(6)]
    [analyzer] = Anomaly("anomaly", AnomalyConfig()).sllm_analyzers(scene.context)
    together = asyncio.run(analyzer.analyze(scene.batch(*windows)))
    one_by_one: list[Finding] = []
    for window in windows:
        one_by_one += asyncio.run(analyzer.analyze(scene.batch(window)))
        scene.store.windows.append(window)
    assert together == one_by_one


def test_what_is_beyond_the_cap_is_counted(scene: Scene) -> None:
    lines = [scene.line("bad " + "x" * each, "ERROR") for each in range(1, 9)]
    window, issues = judge(scene, scene.batch(scene.window(0, *lines)), candidates=3)
    assert window.facts["unlisted_patterns"] == 5
    assert sum(len(each.patterns) for each in issues) == 3


def test_an_empty_window_is_normal(scene: Scene) -> None:
    window, issues = judge(scene, scene.batch(scene.window(0)))
    assert (window.label, window.count, issues) == ("normal", 0, [])


@pytest.mark.parametrize("option", [{"warning": 1.5}, {"candidates": 0}, {"wraning": 0.5}])
def test_bad_options_are_rejected(option: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(option))):
        AnomalyConfig.model_validate(option)
