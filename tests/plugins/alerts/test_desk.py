from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from alert_scene import Scene, finding
from sllm_core.store import Store
from sllm_plugins.alerts.ledger import KEPT
from sllm_plugins.alerts.outbox import Outbox


class Killed(BaseException):
    """The process ends here."""


def killed_at(monkeypatch: pytest.MonkeyPatch, method: str, call: int) -> Callable[[], None]:
    """The process dies just before the given call of a method of the store; what is returned lets it live again."""
    calls = iter(range(1, 1000))
    original = getattr(Store, method)

    def dies(store: Store, *values: object) -> object:
        if next(calls) == call:
            raise Killed
        return original(store, *values)

    monkeypatch.setattr(Store, method, dies)
    return monkeypatch.undo


@pytest.mark.parametrize(("method", "call"), [("remember", 1), ("add_pending", 1), ("remember", 2)])
def test_a_message_is_made_once_wherever_the_process_is_killed(
    monkeypatch: pytest.MonkeyPatch, method: str, call: int
) -> None:
    scene = Scene()
    scene.take(finding(1))
    scene.later(1)
    revive = killed_at(monkeypatch, method, call)
    with pytest.raises(Killed):
        scene.desk.make()
    revive()
    scene.desk = scene.opened()
    made = [scene.desk.make(), scene.desk.first("list")]
    assert [each is not None for each in made] == [(method, call) == ("remember", 1), True]
    assert scene.desk.waiting() == {"list": 1}


def test_findings_are_stored_when_they_are_taken() -> None:
    scene = Scene()
    scene.take(finding(1))
    scene.desk = scene.opened()
    assert scene.told() == [("alert", "0001", 2)]


def test_what_the_store_refuses_is_not_half_known(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene()
    revive = killed_at(monkeypatch, "remember", 1)
    with pytest.raises(Killed):
        scene.take(finding(1))
    revive()
    scene.take(finding(1))
    assert scene.told() == [("alert", "0001", 2)]


def test_a_ledger_that_cannot_be_read_is_begun_anew(caplog: pytest.LogCaptureFixture) -> None:
    scene = Scene()
    scene.context.store.remember("alerts.alerts.ledger", {"told": 3})
    scene.take(finding(1))
    assert scene.told() == [("alert", "0001", 2)] and "alerts may come twice" in caplog.text


def test_a_message_that_cannot_be_read_does_not_stop_the_others() -> None:
    scene = Scene()
    scene.take(finding(1))
    scene.message()
    (waits,) = scene.context.store.pending("alerts alerts list")
    scene.context.store.add_pending([type(waits)(waits.task, "0", note="{")])
    first = scene.desk.first("list")
    assert first is not None and first.number == 1


def test_what_waits_for_a_target_that_is_gone_is_dropped() -> None:
    scene = Scene()
    scene.take(finding(1))
    message = scene.message()
    assert message is not None
    Outbox(scene.context.store, "alerts").put(message, ["gone"])
    assert scene.desk.tidy() == 1
    assert scene.context.store.pending_counts() == {"alerts alerts list": 1}


def test_sections_know_nothing_of_one_another() -> None:
    scene = Scene()
    Outbox(scene.context.store, "alerts night")
    scene.take(finding(1))
    scene.message()
    assert Outbox(scene.context.store, "night").waiting() == {}


def test_what_is_kept_is_bounded() -> None:
    scene = Scene(rate="1000/1h", repeat="30d", group="0s")
    for number in range(12):
        scene.take(*(finding(1 + number * 499 + each, hour=number / 100) for each in range(499)))
        scene.message()
    scene.take()
    kept = json.dumps(scene.context.store.recall("alerts.alerts.ledger"))
    ledger = json.loads(kept)
    assert len(ledger["told"]) == len(ledger["judged"]) == KEPT
    assert len(kept) < 2_000_000
