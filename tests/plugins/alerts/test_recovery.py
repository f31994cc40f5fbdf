from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import numpy as np
import pytest

from alert_scene import START, Scene, finding, quiet_window
from sllm_core.store import History
from sllm_plugins.alerts.ledger import Ledger, Place, Trouble
from sllm_plugins.alerts.notice import CRITICAL, Notice
from sllm_plugins.alerts.recovery import Recovery

NOTICE = Notice(kind="alert", key="0000000000000001", severity=CRITICAL, since=0.0, id="a", name="x", source="file")


def past(counts: Mapping[int, int], shard: str = "app.log") -> Recovery:
    """Windows of an hour, by the hour in which they begin, with so many records of pattern 1."""

    def history(source: str, asked: str, before: datetime, limit: int) -> list[History]:
        windows = [_window(hour, count) for hour, count in counts.items()] if asked == shard else []
        return [each for each in windows if each.end <= before][-limit:]

    return Recovery(history, timedelta(minutes=10), told=True)


def _window(hour: int, count: int) -> History:
    begin = START + timedelta(hours=hour)
    return History(begin, begin + timedelta(hours=1), np.array([1], np.uint64), np.array([count], np.int64))


def trouble(
    end: float = 0, quota: float = 0.0, missing: bool = False, shards: tuple[str, ...] = ("app.log",)
) -> Ledger:
    """A ledger with a trouble that was told, and that lasted so many hours from START."""
    last = (START + timedelta(hours=end)).timestamp()
    places = [Place("file", shard, last, last) for shard in shards]
    held = Trouble(NOTICE, [NOTICE.key], quota, places, ["a"], last, missing, told=True)
    return Ledger(troubles={NOTICE.key: held})


def over(ledger: Ledger) -> list[float | None]:
    """Since when, in hours from START, troubles are over."""
    found = [each.over for each in ledger.waiting.values() if each.kind == "over"]
    return [None if each is None else (each - START.timestamp()) / 3600 for each in found]


def test_trouble_is_over_after_a_window_without_it() -> None:
    ledger = trouble()
    past({-1: 40, 0: 0}).check(ledger, [quiet_window(0)], now=0.0)
    assert over(ledger) == [0.0]


def test_trouble_goes_on_while_its_pattern_occurs_though_no_finding_says_so() -> None:
    ledger = trouble()
    past({-1: 40, 0: 40}).check(ledger, [quiet_window(0)], now=0.0)
    assert over(ledger) == []
    past({-1: 40, 0: 40, 1: 0}).check(ledger, [quiet_window(1)], now=0.0)
    assert over(ledger) == [1.0]


def test_what_is_usual_is_no_trouble() -> None:
    ledger = trouble(quota=15.0)
    past({0: 15}).check(ledger, [quiet_window(0)], now=0.0)
    assert over(ledger) == [0.0]


def test_missing_records_are_over_when_they_come_again() -> None:
    ledger = trouble(quota=5.0, missing=True)
    past({0: 4}).check(ledger, [quiet_window(0)], now=0.0)
    assert over(ledger) == []
    past({0: 4, 1: 5}).check(ledger, [quiet_window(1)], now=0.0)
    assert over(ledger) == [1.0]


def test_every_shard_that_had_it_must_be_free_of_it() -> None:
    ledger = trouble(shards=("app.log", "b.log"))
    past({0: 0}).check(ledger, [quiet_window(0)], now=0.0)
    assert over(ledger) == []
    past({0: 0}, "b.log").check(ledger, [quiet_window(0, "b.log")], now=0.0)
    assert over(ledger) == [0.0]


def test_windows_before_the_trouble_say_nothing() -> None:
    ledger = trouble()
    past({-3: 0}).check(ledger, [quiet_window(-3)], now=0.0)
    assert over(ledger) == []


def test_small_windows_must_be_free_of_it_for_some_time() -> None:
    ledger = trouble()
    recovery = Recovery(lambda *_: [], timedelta(hours=2), told=True)
    recovery.check(ledger, [quiet_window(0)], now=0.0)
    assert over(ledger) == []
    recovery.check(ledger, [quiet_window(1)], now=0.0)
    assert over(ledger) == [0.0]


def test_a_recovery_that_waits_is_taken_back_when_it_comes_again() -> None:
    ledger = trouble()
    past({0: 0}).check(ledger, [quiet_window(0)], now=0.0)
    past({0: 0, 1: 40}).check(ledger, [quiet_window(1)], now=0.0)
    assert over(ledger) == []


def test_a_recovery_is_told_after_its_alert() -> None:
    scene = Scene()
    scene.take(finding(1, hour=-1))
    assert scene.told() == [("alert", "0001", CRITICAL)]
    scene.take(quiet_window(0))
    assert scene.told() == [("over", "0001", CRITICAL)]
    scene.take(quiet_window(1))
    assert scene.told() == []


def test_many_windows_that_close_at_once_are_one_alert_that_is_over() -> None:
    scene = Scene()
    scene.take(finding(1, hour=-6), finding(1, hour=-5), *(quiet_window(hour) for hour in range(-4, 0)))
    message = scene.message()
    assert message and [(each.kind, each.count, each.over) for each in message.notices] == [
        ("alert", 80, (START - timedelta(hours=4)).timestamp())
    ]
    scene.take(quiet_window(0))
    assert scene.message() is None


def test_trouble_between_two_quiet_windows_is_told_as_one() -> None:
    scene = Scene()
    scene.take(finding(1, hour=-4), quiet_window(-3), finding(1, hour=-2))
    message = scene.message()
    assert message and [(each.kind, each.over) for each in message.notices] == [("alert", None)]


def test_what_was_only_counted_has_no_recovery() -> None:
    scene = Scene(entries=1)
    scene.take(finding(1, count=50), finding(2))
    message = scene.message()
    assert message and message.more == {CRITICAL: 1}
    scene.take(quiet_window(0))
    assert scene.told() == [("over", "0001", CRITICAL)]


@pytest.mark.parametrize("label", ["warning", "critical"])
def test_trouble_that_another_finding_has_as_a_part_goes_on(label: str) -> None:
    scene = Scene()
    scene.take(finding(1, hour=-1))
    scene.told()
    scene.take(finding((5, 1), label, hour=0))
    assert ("over", "0001", CRITICAL) not in scene.told()
