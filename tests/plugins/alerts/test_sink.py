from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

import pytest

from alert_scene import Clock, ListTarget, config, context, finding
from sllm_core.components import Context
from sllm_core.diagnosis import Connected, Diagnosis
from sllm_core.findings import Finding
from sllm_core.metrics import Metered
from sllm_core.plugin import PluginError
from sllm_core.redaction import Redactor
from sllm_core.store import Pending, Store
from sllm_plugins.alerts.sink import AlertsSink
from sllm_plugins.alerts.writing import Writer


def sink(*targets: ListTarget, within: Context | None = None, **options: object) -> AlertsSink:
    clock, place = Clock(), within or context()
    for number, each in enumerate(targets, 1):
        each.number, each.fingerprint = number, f"target {number}"
    writer = Writer("en", place.zone)
    return AlertsSink("alerts", config(**options), place, targets, writer, Redactor(), now=clock, sleep=clock.sleep)


async def running(each: AlertsSink, findings: Sequence[Finding], done: Callable[[], bool] = lambda: True) -> None:
    """Write the findings while the sink runs, and wait until it is done."""
    async with each.running():
        await each.write(findings)
        async with asyncio.timeout(60):
            while not done():
                await asyncio.sleep(0.001)


def run(each: AlertsSink, *findings: Finding, done: Callable[[], bool] = lambda: True) -> None:
    asyncio.run(running(each, findings, done))


def figures(each: AlertsSink) -> dict[tuple[str, str], float]:
    """The figures by name and the value of their last label."""
    return {(one.name, "".join(list(one.labels.values())[:1])): one.value for one in each.metrics()}


def test_findings_are_told_while_the_run_goes_on() -> None:
    target = ListTarget()
    run(sink(target), finding(1), done=lambda: len(target.taken) == 1)
    assert "Connection failure" in target.taken[0].title


def test_at_the_end_what_is_left_is_sent() -> None:
    target = ListTarget()
    run(sink(target, group="1d"), finding(1))
    assert len(target.taken) == 1


def test_every_target_gets_every_message() -> None:
    one, other = ListTarget(), ListTarget(form="markdown")
    run(sink(one, other), finding(1))
    assert len(one.taken) == len(other.taken) == 1 and one.taken[0].body != other.taken[0].body


def test_a_bad_target_holds_up_neither_the_others_nor_the_run() -> None:
    bad, good, place = ListTarget(reasons=["away"] * 100_000), ListTarget(), context()
    run(sink(bad, good, within=place), finding(1), done=lambda: bool(good.taken))
    again = sink(bad, good, within=place)
    bad.reasons = []
    run(again, finding(2, hour=0), done=lambda: len(bad.taken) == 2)
    assert len(good.taken) == 2


def test_a_stop_sends_what_is_there_as_well() -> None:
    target, written = ListTarget(), asyncio.Event()

    async def stopped() -> None:
        each = sink(target, group="1d")
        async with each.running():
            await each.write([finding(1)])
            written.set()
            await asyncio.Event().wait()

    async def stop() -> None:
        task = asyncio.create_task(stopped())
        await written.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(stop())
    assert len(target.taken) == 1


def test_what_the_store_refuses_is_told_to_core(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise PluginError("the store refused a write")

    each = sink(ListTarget())
    monkeypatch.setattr(Store, "remember", full)
    with pytest.raises(PluginError, match="refused"):
        asyncio.run(each.write([finding(1)]))


def test_a_store_that_refuses_messages_does_not_stop_the_run(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    target, refusals, add = ListTarget(), [PluginError("full")] * 3, Store.add_pending

    def full(store: Store, items: Iterable[Pending]) -> None:
        if refusals:
            raise refusals.pop()
        add(store, items)

    monkeypatch.setattr(Store, "add_pending", full)
    run(sink(target), finding(1), done=lambda: bool(target.taken))
    assert len(target.taken) == 1 and "alerts cannot be made" in caplog.text


def test_figures_tell_what_was_sent_what_failed_and_what_is_held_back() -> None:
    target = ListTarget(reasons=["away"])
    each = sink(target, fresh="1h")
    run(each, finding(1), finding(2, hour=-9), done=lambda: bool(target.taken))
    found = figures(each)
    assert (found["alerts_sent_total", "1"], found["alerts_failed_total", "1"]) == (1, 1)
    assert found["alerts_held_back_total", "old"] == 1 and found["alerts_open_troubles", ""] == 1
    assert isinstance(each, Metered) and isinstance(each, Connected)


def diagnosed(each: AlertsSink) -> Diagnosis:
    return asyncio.run(each.diagnose())


def test_a_diagnosis_sends_nothing_and_names_the_targets() -> None:
    target = ListTarget(kind="E-Mail", host="smtp.shop.example")
    found = diagnosed(sink(target))
    assert found.facts == (("target 1", "E-Mail smtp.shop.example"),) and not found.problem and target.tried == []


def test_a_diagnosis_tells_what_waits() -> None:
    each = sink(ListTarget(reasons=["away"] * 100))
    run(each, finding(1))
    found = diagnosed(each)
    assert "target 1 (List) has not taken 1 message, since 2026-05-04 09:00" in found.problem
    assert found.remedies == ("sllm plugin alerts test",)
