from __future__ import annotations

from alert_scene import HOUR, START, Scene, finding, quiet_window
from sllm_plugins.alerts.notice import CRITICAL, WARNING

EVENING = 13 - 0.5
"""From START, at nine, to half past nine in the evening."""


def test_what_comes_within_the_time_is_one_message() -> None:
    scene = Scene(group="2m")
    scene.take(finding(1))
    scene.later(1 / 60)
    assert scene.desk.make() is None
    scene.take(finding(2))
    scene.later(1 / 60)
    message = scene.desk.make()
    assert message and len(message.notices) == 2


def test_the_most_severe_comes_first_then_what_has_the_most_records() -> None:
    scene = Scene(threshold="warning")
    scene.take(finding(1, "warning", count=900), finding(2, count=5), finding(3, count=50))
    assert [key for _, key, _ in scene.told()] == ["0003", "0002", "0001"]


def test_what_there_is_no_room_for_is_counted() -> None:
    scene = Scene(threshold="warning", entries=2)
    scene.take(*(finding(number) for number in range(1, 5)), *(finding(number, "warning") for number in range(5, 15)))
    message = scene.message()
    assert message and len(message.notices) == 2 and message.more == {CRITICAL: 2, WARNING: 10}


def test_nothing_is_told_more_often_than_the_rate() -> None:
    scene = Scene(rate="2/1h", group="0s")
    told = []
    for number in range(1, 5):
        scene.take(finding(number))
        told.append(scene.desk.make() is not None)
    assert told == [True, True, False, False] and scene.desk.held_back["rate"] == 2
    scene.later(1)
    message = scene.desk.make()
    assert message and len(message.notices) == 2 and message.held == ["rate"]


def test_the_desk_tells_when_to_look_again() -> None:
    scene = Scene(rate="1/1h", group="2m")
    assert scene.desk.due() is None
    scene.take(finding(1))
    assert scene.desk.due() == scene.clock() + 120
    scene.message()
    scene.take(finding(2))
    assert scene.desk.due() == scene.clock() + 120
    assert scene.message() is None
    assert scene.desk.due() == START.timestamp() + 120 + HOUR


def test_warnings_wait_for_the_end_of_quiet_hours() -> None:
    scene = Scene(threshold="warning", quiet="22:00-07:00")
    scene.later(EVENING + 1)
    scene.take(finding(1, "warning", hour=EVENING), finding(2, "warning", hour=EVENING))
    assert scene.message() is None and scene.desk.held_back["quiet"] == 2
    assert scene.desk.due() == START.timestamp() + 22 * HOUR
    scene.clock.time = START.timestamp() + 22 * HOUR
    message = scene.desk.make()
    assert message and len(message.notices) == 2 and message.held == ["quiet"]


def test_critical_findings_pass_and_warnings_do_not_pass_with_them() -> None:
    scene = Scene(threshold="warning", quiet="22:00-07:00")
    scene.later(EVENING + 1)
    scene.take(finding(1, hour=EVENING), finding(2, "warning", hour=EVENING))
    assert scene.told() == [("alert", "0001", CRITICAL)]
    assert scene.told() == []


def test_critical_findings_wait_where_that_is_wanted() -> None:
    scene = Scene(quiet="22:00-07:00", quiet_critical=True)
    scene.later(EVENING + 1)
    scene.take(finding(1, hour=EVENING))
    assert scene.told() == []
    scene.later(10)
    assert scene.told() == [("alert", "0001", CRITICAL)]


def test_nobody_is_woken_by_a_recovery() -> None:
    scene = Scene(quiet="22:00-07:00")
    scene.later(EVENING + 1)
    scene.take(finding(1, hour=EVENING))
    scene.told()
    scene.take(quiet_window(EVENING + 1))
    assert scene.told() == []
    scene.later(10)
    assert scene.told() == [("over", "0001", CRITICAL)]


def test_what_began_and_ended_in_quiet_hours_is_one_entry() -> None:
    scene = Scene(threshold="warning", quiet="22:00-07:00")
    scene.later(EVENING + 1)
    scene.take(finding(1, "warning", hour=EVENING))
    scene.message()
    scene.take(quiet_window(EVENING + 1))
    scene.later(10)
    message = scene.message()
    assert message and [(each.kind, each.over is not None) for each in message.notices] == [("alert", True)]
    assert scene.message() is None


def test_the_end_of_a_run_does_not_wait_for_more() -> None:
    scene = Scene()
    scene.take(finding(1))
    assert scene.desk.make() is None
    assert scene.desk.make(hurry=True) is not None


def test_a_flood_of_entries_is_counted_beyond_what_can_wait() -> None:
    scene = Scene(threshold="warning")
    scene.take(*(finding(number, "warning") for number in range(1, 601)), finding(601))
    message = scene.message()
    assert message and message.notices[0].severity == CRITICAL
    assert len(message.notices) + sum(message.more.values()) == 601


def test_old_findings_do_not_hurry_what_waits_for_more() -> None:
    scene = Scene(fresh="1h")
    scene.take(finding(1, hour=-5), finding(2, hour=-1))
    assert scene.desk.make() is None
    message = scene.message()
    assert message and message.old and len(message.notices) == 1


def test_a_clock_that_is_set_back_holds_nothing_up() -> None:
    scene = Scene(rate="1/1h")
    scene.later(1000)
    scene.take(finding(1, hour=999))
    assert scene.told() == [("alert", "0001", CRITICAL)]
    scene.take(finding(2, hour=999))
    scene.later(-1000)
    scene.take()
    assert scene.told() == []
    scene.later(1)
    assert scene.told() == [("alert", "0002", CRITICAL)]
