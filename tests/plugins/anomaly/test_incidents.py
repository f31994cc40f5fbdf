"""Whole incidents: what belongs together is one issue, and what merely shares an hour is not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pytest

from sllm_core.findings import Finding
from sllm_plugins.anomaly import Anomaly, AnomalyConfig

if TYPE_CHECKING:
    from tests.plugins.conftest import Line, Scene

Story = Callable[["Scene"], "list[Line]"]


def issues(scene: Scene, *lines: Line, hour: int = 20) -> list[Finding]:
    """The issues that are found in one window of these lines."""
    [analyzer] = Anomaly("anomaly", AnomalyConfig()).sllm_analyzers(scene.context)
    batch = scene.batch(scene.window(hour, *lines), records=scene.records(hour, *lines))
    return list(asyncio.run(analyzer.analyze(batch)))[1:]


def named(findings: Sequence[Finding]) -> set[str]:
    return {each.detected_issues[0] for each in findings}


def calm(scene: Scene) -> list[Line]:
    return [
        scene.line("heartbeat of 5", count=600, spacing=6),
        scene.line("JWT expired 17 s ago, asking client to refresh", "WARN", "auth", 6, 100, 590),
    ]


def database_down(scene: Scene) -> list[Line]:
    return [
        scene.line("Connection to payment-db.example.com refused", "ERROR", "payment", 25, 732, 60),
        scene.line("query timed out after 30002ms", "WARN", "payment", 19, 758, 6),
        scene.line("payment of order 7 failed", "ERROR", "payment", 6, 790, 12),
        scene.line("CircuitBreaker db is OPEN and rejects call 9", "ERROR", "payment", 21, 902, 60),
        scene.line("order 8 waits: no response from payment service", "WARN", "orders", 27, 792, 50),
    ]


def names_not_resolved(scene: Scene) -> list[Line]:
    return [
        scene.line(
            "java.net.UnknownHostException: pay.example.com: Name or service not known", "ERROR", "api", 40, 1200, 15
        ),
        scene.line("request 7 to the gateway timed out", "ERROR", "orders", 60, 1215, 10),
        scene.line("retrying call 3", "WARN", "orders", 50, 1220, 12),
    ]


def disk_full(scene: Scene) -> list[Line]:
    return [
        scene.line("write of /data/7 stopped: No space left on device", "ERROR", "db", 80, 1800, 5),
        scene.line("could not extend relation 16385", "ERROR", "db", 60, 1805, 6),
        scene.line("job 12 failed", "ERROR", "batch", 5, 1830, 70),
    ]


def killed(scene: Scene) -> list[Line]:
    return [
        scene.line("Out of memory: Killed process 4711", "ERROR", "kernel", 1, 1500),
        scene.line("Restarting container 7", "WARN", "kubelet", 2, 1506, 30),
        scene.line("connect to orders:8080 failed: Connection refused", "ERROR", "gateway", 200, 1508, 3),
    ]


STORIES = (
    (database_down, "Connection failure", "연결 실패"),
    (names_not_resolved, "Name resolution failure", "DNS 조회 실패"),
    (disk_full, "Disk full", "디스크 공간 부족"),
    (killed, "Out of memory", "메모리 부족"),
)


@pytest.mark.parametrize(("story", "english", "korean"), STORIES)
@pytest.mark.parametrize("history", [0, 20])
def test_an_incident_is_one_issue_named_by_its_root(
    scene: Scene, korean_scene: Scene, story: Story, english: str, korean: str, history: int
) -> None:
    for each, title in ((scene, english), (korean_scene, korean)):
        each.past(range(20 - history, 20), *calm(each))
        [issue] = issues(each, *calm(each), *story(each))
        assert issue.detected_issues[0] == title
        assert issue.count == sum(line.count for line in story(each))


@pytest.mark.parametrize(("story", "english"), [story[:2] for story in STORIES])
def test_an_incident_is_one_issue_in_the_next_window_too(scene: Scene, story: Story, english: str) -> None:
    scene.past(range(19), *calm(scene))
    scene.past(range(19, 20), *calm(scene), *story(scene))
    ongoing = [scene.line(each.message, each.level, each.service, 30, 0, 110) for each in story(scene)[-2:]]
    assert len(issues(scene, *calm(scene), *ongoing)) == 1


@pytest.mark.parametrize("history", [0, 20])
@pytest.mark.parametrize(("first", "second"), [(database_down, disk_full), (names_not_resolved, disk_full)])
def test_two_incidents_at_different_times_are_two_issues(
    scene: Scene, first: Story, second: Story, history: int
) -> None:
    scene.past(range(20 - history, 20), *calm(scene))
    early = [
        scene.line(each.message, each.level, each.service, each.count, each.second / 2, min(each.spacing, 4))
        for each in first(scene)
    ]
    assert len(issues(scene, *calm(scene), *early, *second(scene))) == 2


def test_slow_searches_and_a_filling_disk_stay_apart_from_an_outage(scene: Scene) -> None:
    scene.past(range(20), *calm(scene))
    others = [
        scene.line("disk usage of /var/log at 91%, high watermark", "WARN", "node", 6, 0, 600),
        scene.line("Slow search 7 took 3100 ms", "WARN", "search", 25, 2700, 30),
    ]
    found = issues(scene, *calm(scene), *database_down(scene), *others)
    assert named(found) == {"Connection failure", "Slow responses", "Low disk space"}


def test_answers_with_5xx_belong_to_the_outage_in_whose_time_they_come(scene: Scene) -> None:
    good = scene.line('"GET /a HTTP/1.1" 200 10', None, "web", 100, 0, 36)
    bad = scene.line('"POST /pay HTTP/1.1" 503 10', "ERROR", "web", 40, 800, 20)
    scene.past(range(20), *calm(scene), good)
    [issue] = issues(scene, *calm(scene), good, bad, *database_down(scene))
    assert "Server errors (5xx)" in issue.detected_issues[1:]
    assert (issue.facts["failures"], issue.facts["answers"], issue.count) == (40, 140, 138)
    assert "40 of 140 answers (29%) were 5xx." in issue.explanation


def test_answers_with_5xx_all_hour_long_are_an_issue_of_their_own(scene: Scene) -> None:
    bad = scene.line('"POST /pay HTTP/1.1" 503 10', "ERROR", "web", 60, 0, 60)
    found = issues(scene, *calm(scene), bad, *database_down(scene))
    assert named(found) == {"Connection failure", "Server errors (5xx)"}


def test_an_issue_names_the_host_that_it_is_about(scene: Scene, korean_scene: Scene) -> None:
    [issue], [korean] = (issues(each, *calm(each), *database_down(each)) for each in (scene, korean_scene))
    assert issue.facts["target"] == "payment-db.example.com"
    assert issue.explanation.startswith(
        "Connection failure (payment-db.example.com), with Timeout, Circuit breaker open"
    )
    assert "‘연결 실패’(payment-db.example.com) 관련 로그가 98건" in korean.explanation
    assert "시간 초과, 서킷 브레이커 차단, 결제 실패가 함께 나타났습니다." in korean.explanation


@pytest.mark.parametrize(
    ("message", "level", "count"),
    [
        ("JWT expired 7 s ago", "WARN", 9),
        ("card of user 7 declined", "WARN", 3),
        ("login of user 7 failed", "WARN", 9),
        ("using the fallback picture for 7", "WARN", 4),
        ("odd message 7", "INFO", 300),
    ],
)
def test_ordinary_warnings_are_at_most_mentioned(scene: Scene, message: str, level: str, count: int) -> None:
    line = scene.line(message, level, "app", count, 100, 300)
    assert issues(scene, *calm(scene)[:1], line) == []


@pytest.mark.parametrize("message", ["login of user 7 failed", "using the fallback picture for 7"])
def test_ordinary_warnings_in_numbers_are_an_issue(scene: Scene, message: str) -> None:
    assert len(issues(scene, *calm(scene)[:1], scene.line(message, "WARN", "app", 200, 100, 10))) == 1


def test_a_few_warnings_all_hour_long_are_no_issue_even_without_history(scene: Scene) -> None:
    heartbeat = calm(scene)[0]
    throughout, sudden = (
        scene.line("using the fallback picture for 7", "WARN", "app", 12, *when) for when in ((5, 295), (1800, 9))
    )
    assert issues(scene, heartbeat, throughout) == []
    assert len(issues(scene, heartbeat, sudden)) == 1


def test_what_is_only_mentioned_is_counted(scene: Scene) -> None:
    [analyzer] = Anomaly("anomaly", AnomalyConfig()).sllm_analyzers(scene.context)
    window, *found = asyncio.run(analyzer.analyze(scene.batch(scene.window(0, *calm(scene)))))
    assert (window.label, found, window.facts["minor_records"]) == ("normal", [], 6)
    assert "1 kind of warning (6 records) is too rare or too ordinary to be an issue." in window.explanation
