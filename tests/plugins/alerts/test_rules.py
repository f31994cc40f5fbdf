from __future__ import annotations

from dataclasses import replace

import pytest

from alert_scene import Scene, finding
from sllm_plugins.alerts.notice import CRITICAL, WARNING


def test_a_finding_at_the_threshold_is_told() -> None:
    scene = Scene()
    scene.take(finding(1), finding(2, "warning"), finding(3, "normal"), finding(4, "negative"))
    assert scene.told() == [("alert", "0001", CRITICAL)]


def test_with_a_lower_threshold_warnings_are_told_as_well() -> None:
    scene = Scene(threshold="warning")
    scene.take(finding(1, "warning"))
    assert scene.told() == [("alert", "0001", WARNING)]


def test_a_revision_that_changes_nothing_important_tells_nothing_again() -> None:
    scene = Scene()
    scene.take(finding(1))
    assert scene.told()
    scene.later(100)
    scene.take(replace(finding(1), revision=1, explanation="in other words"))
    assert scene.told() == []


def test_a_revision_that_raises_the_severity_is_told() -> None:
    scene = Scene(threshold="warning")
    scene.take(finding(1, "warning"))
    assert scene.told() == [("alert", "0001", WARNING)]
    scene.take(finding(1, "critical", revision=1))
    message = scene.message()
    assert message and [(each.severity, each.before) for each in message.notices] == [(CRITICAL, WARNING)]


def test_a_revision_from_below_the_threshold_is_told() -> None:
    scene = Scene()
    scene.take(finding(1, "warning"))
    scene.take(finding(1, "critical", revision=1))
    assert scene.told() == [("alert", "0001", CRITICAL)]


def test_a_withdrawn_finding_that_was_told_is_corrected() -> None:
    scene = Scene()
    scene.take(finding(1))
    scene.told()
    scene.take(finding(1, "normal", revision=1))
    assert scene.told() == [("withdrawn", "0001", CRITICAL)]


def test_a_withdrawn_finding_that_was_not_told_yet_is_not_told_at_all() -> None:
    scene = Scene()
    scene.take(finding(1))
    scene.take(finding(1, "normal", revision=1))
    assert scene.told() == []


def test_what_another_window_still_says_is_not_withdrawn() -> None:
    scene = Scene()
    scene.take(finding(1, hour=-2), finding(1, hour=-1))
    scene.told()
    scene.take(finding(1, "normal", hour=-2, revision=1))
    assert scene.told() == []
    scene.take(finding(1, "normal", hour=-1, revision=1))
    assert scene.told() == [("withdrawn", "0001", CRITICAL)]


def test_nothing_is_corrected_where_recoveries_are_not_wanted() -> None:
    scene = Scene(recovery=False)
    scene.take(finding(1))
    scene.told()
    scene.take(finding(1, "normal", revision=1))
    assert scene.told() == []


def test_the_same_pattern_is_told_again_only_after_the_time() -> None:
    scene = Scene(repeat="4h")
    told = []
    for hour in range(6):
        scene.take(finding(1, hour=hour))
        told.append(bool(scene.message()))
        scene.later(1)
    assert told == [True, False, False, False, True, False]


def test_what_was_found_meanwhile_is_counted_in_the_next() -> None:
    scene = Scene(repeat="2h")
    for hour in range(4):
        scene.take(finding(1, hour=hour))
        message = scene.message()
        scene.later(1)
    assert message is None and scene.desk.held_back["repeat"] == 2
    scene.take(finding(1, hour=4))
    message = scene.message()
    assert message and message.notices[0].again == 1


def test_the_same_pattern_in_other_shards_is_one_entry() -> None:
    scene = Scene()
    scene.take(*(finding(1, shard=f"topic-{number}") for number in range(8)))
    message = scene.message()
    assert message and [(each.count, len(each.shards)) for each in message.notices] == [(320, 8)]


def test_an_alert_covers_the_other_patterns_of_its_trouble() -> None:
    scene = Scene()
    scene.take(finding((1, 2, 3)))
    assert scene.told() == [("alert", "0001", CRITICAL)]
    scene.take(finding((2, 3), hour=0))
    assert scene.told() == []


def test_a_finding_about_the_whole_window_adds_nothing_to_its_issue() -> None:
    scene = Scene()
    whole = finding(1, name="window", count=690, facts={})
    scene.take(whole, finding(1, count=40))
    message = scene.message()
    assert message and [each.count for each in message.notices] == [40]


def test_a_window_that_is_worse_than_its_issues_says_so() -> None:
    scene = Scene()
    scene.take(finding(1, name="window", count=690, facts={}), finding(1, "warning"))
    assert scene.told() == [("alert", "0001", CRITICAL)]


def test_a_finding_without_patterns_is_told_by_what_it_is_about() -> None:
    scene = Scene()
    scene.take(finding((), name="window", facts={}), finding((), shard="other.log", name="window", facts={}))
    message = scene.message()
    assert message and len(message.notices) == 2
    scene.take(finding((), hour=0, name="window", facts={}))
    assert scene.message() is None


@pytest.mark.parametrize(("hour", "told"), [(-25.5, 0), (-24.5, 1)])
def test_old_findings_are_only_counted(hour: float, told: int) -> None:
    scene = Scene(fresh="24h")
    scene.take(finding(1, hour=hour))
    message = scene.message()
    assert message and len(message.notices) == told
    assert (message.old is not None and message.old.count == message.old.critical == 1) == (not told)


def test_bulk_history_is_one_line_within_the_time() -> None:
    scene = Scene(repeat="4h")
    for hour in range(-3000, -2900):
        scene.take(finding(hour % 7, hour=hour), finding(hour % 7, hour=hour, name="window", count=900, facts={}))
    message = scene.message()
    assert message and message.old and message.old.count == 100
    scene.take(finding(1, hour=-2000))
    assert scene.message() is None
    scene.later(5)
    late = scene.message()
    assert late and late.old and late.old.count == 1


def test_what_is_written_again_after_a_crash_changes_nothing() -> None:
    scene = Scene()
    scene.take(finding(1))
    scene.take(finding(1), finding(1))
    message = scene.message()
    assert message and message.notices[0].count == 40
    scene.take(finding(1))
    assert scene.message() is None and not scene.desk.held_back
