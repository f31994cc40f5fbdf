from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from alert_scene import ListTarget, Scene, finding
from sllm_plugins.alerts.delivery import HANGING, LONGEST, Courier
from sllm_plugins.alerts.desk import Desk
from sllm_plugins.alerts.targets import Text
from sllm_plugins.alerts.writing import Writer

DAY = 86400.0


class Hanging(ListTarget):
    """Answers nothing until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go: Callable[[], bool] = lambda: True

    def send(self, text: Text) -> str:
        self.tried.append(text)
        self.go()
        return "too late"


def courier(scene: Scene, target: ListTarget, timeout: float = 30.0) -> Courier:
    writer = Writer("en", ZoneInfo("UTC"))
    return Courier(
        target, scene.desk, writer, DAY, timeout, now=scene.clock, sleep=scene.clock.sleep, chance=lambda: 1.0
    )


def made(scene: Scene, *patterns: int) -> None:
    """A message for each of the patterns is in the outbox."""
    for pattern in patterns:
        scene.take(finding(pattern, issues=(f"Trouble {pattern}",)))
        scene.message()


async def until(done: Callable[[], bool], each: Courier) -> None:
    """Run the courier until it is done, and then to its end."""
    task = asyncio.create_task(each.run())
    async with asyncio.timeout(60):
        while not done():
            await asyncio.sleep(0.001)
    each.end()
    await task


def run(scene: Scene, target: ListTarget, done: Callable[[], bool], timeout: float = 30.0) -> Courier:
    sender = courier(scene, target, timeout)
    asyncio.run(until(done, sender))
    return sender


def titles(texts: list[Text]) -> list[str]:
    return [each.title.partition(": ")[2].partition(",")[0] for each in texts]


def test_messages_are_sent_once_and_in_order() -> None:
    scene, target = Scene(), ListTarget()
    made(scene, 1, 2, 3)
    run(scene, target, lambda: len(target.taken) == 3)
    assert titles(target.taken) == titles(target.tried) == ["Trouble 1", "Trouble 2", "Trouble 3"]
    assert scene.desk.waiting() == {"list": 0}


def test_a_failing_target_is_tried_again_with_growing_pauses() -> None:
    scene, target = Scene(), ListTarget(reasons=["away"] * 10)
    made(scene, 1, 2)
    sender = run(scene, target, lambda: len(target.taken) == 2)
    assert titles(target.taken) == ["Trouble 1", "Trouble 2"]
    assert scene.clock.slept[:4] == [5.0, 10.0, 20.0, 40.0] and max(scene.clock.slept) == LONGEST
    assert (sender.figures.sent, sender.figures.failed, sender.figures.given_up) == (2, 10, 0)


@pytest.mark.parametrize(
    ("reason", "is_shorter"), [("Bad Request, error=400", True), ("msg_too_long", True), ("error=500", False)]
)
def test_a_message_that_a_target_cannot_do_with_is_tried_in_short(reason: str, is_shorter: bool) -> None:
    scene, target = Scene(), ListTarget(reasons=[reason])
    made(scene, 1)
    run(scene, target, lambda: len(target.taken) == 1)
    assert (len(target.taken[0].body) < len(target.tried[0].body)) == is_shorter


def test_after_a_day_a_message_is_given_up_with_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    scene, target = Scene(), ListTarget(reasons=["away"] * 10_000)
    made(scene, 1)
    sender = run(scene, target, lambda: scene.desk.waiting() == {"list": 0})
    assert target.taken == [] and sender.figures.given_up == 1
    assert [each.levelno for each in caplog.records] == [logging.WARNING, logging.ERROR]


def test_an_outage_is_one_warning_and_one_line_when_it_is_over(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    scene, target = Scene(), ListTarget(reasons=["away"] * 7)
    made(scene, 1, 2)
    run(scene, target, lambda: len(target.taken) == 2)
    assert [each.getMessage() for each in caplog.records] == ["alerts cannot be sent", "alerts can be sent again"]


def test_a_target_that_hangs_is_left_after_the_time() -> None:
    scene, target, over = Scene(), Hanging(), threading.Event()
    target.go = over.wait
    made(scene, 1)
    sender = run(scene, target, lambda: len(scene.clock.slept) > 6, timeout=0.01)
    over.set()
    assert len(target.tried) == HANGING and sender.figures.failed > HANGING
    assert sender.figures.reason == "3 earlier attempts have not ended"


def test_at_the_end_what_waits_is_tried_once_more_without_a_pause() -> None:
    scene, target = Scene(), ListTarget(reasons=["away"])
    made(scene, 1)

    async def end_at_once() -> None:
        sender = courier(scene, target)
        sender.end()
        await sender.run()

    asyncio.run(end_at_once())
    assert len(target.tried) == 1 and scene.desk.waiting() == {"list": 1}


def test_what_was_not_taken_is_sent_by_the_next_process() -> None:
    scene, target = Scene(), ListTarget()
    made(scene, 1)
    scene.desk = scene.opened()
    run(scene, target, lambda: len(target.taken) == 1)
    assert titles(target.taken) == ["Trouble 1"]


def test_a_store_that_refuses_for_a_while_loses_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    scene, target = Scene(), ListTarget()
    made(scene, 1)
    fetch, refusals = Desk.first, [OSError("disk full")]

    def first(desk: Desk, name: str) -> object:
        if refusals:
            raise refusals.pop()
        return fetch(desk, name)

    monkeypatch.setattr(Desk, "first", first)
    run(scene, target, lambda: len(target.taken) == 1)
    assert "alerts cannot be fetched" in caplog.text
