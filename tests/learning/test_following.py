from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from learning_scene import patterns_of, said
from sllm_core.findings import Finding
from sllm_core.learning.feedback import FeedbackBox
from sllm_core.learning.standing import standing_verdicts
from sllm_core.runner import Runner
from sllm_core.settings import settings_from
from sllm_core.store import Store

LINES = [
    *(f"2026-03-02 00:{minute:02}:00,000 INFO order {minute} accepted" for minute in range(40)),
    "2026-03-02 00:50:00,000 ERROR connection to the database refused",
]


def runner(folder: Path, store: Store) -> Runner:
    (folder / "app.log").write_text("\n".join(LINES))
    plugins = {"file": {"path": str(folder / "app.log")}, "anomaly": {}, "jsonl": {"path": str(folder / "out.jsonl")}}
    return Runner(settings_from({"plugins": plugins}), store)


def incident(store: Store, run: str) -> Finding:
    return next(each for each in store.findings(run, "anomaly") if "kind" in each.facts)


@asynccontextmanager
async def following(made: Runner) -> AsyncIterator[None]:
    task = asyncio.create_task(made.follower.run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def until_followed(store: Store) -> None:
    async with asyncio.timeout(60):
        while store.feedback.to_follow()[0]:
            await asyncio.sleep(0.001)


def test_a_label_comes_to_closed_windows_and_to_the_sinks(tmp_path: Path) -> None:
    async def scene() -> tuple[Finding, list[Finding]]:
        made = runner(tmp_path, store)
        result = await made.run()
        before = incident(store, result.run.id)
        box = FeedbackBox(store, made.verdicts, made.follower.tell)
        async with following(made):
            await asyncio.to_thread(box.give, said(before.patterns[0], "normal"))
            await until_followed(store)
        return before, store.findings(result.run.id, "anomaly")

    with Store(tmp_path / "store") as store:
        before, after = asyncio.run(scene())
    now = next(each for each in after if each.id == before.id)
    assert (before.label, now.label, now.method, now.model, now.revision) == ("critical", "normal", "human", "kim", 1)
    assert {each.label for each in after} == {"normal"}
    assert (tmp_path / "out.jsonl").read_text().count('"method": "human"') >= 1


def test_what_was_said_before_a_crash_is_followed_by_the_next_run(tmp_path: Path) -> None:
    with Store(tmp_path / "store") as store:
        made = runner(tmp_path, store)
        result = asyncio.run(made.run())
        FeedbackBox(store, made.verdicts).give(said(incident(store, result.run.id).patterns[0], "normal"))
    with Store(tmp_path / "store") as store:
        asyncio.run(runner(tmp_path, store).run())
        assert store.feedback.to_follow()[0] == 0
        assert incident(store, result.run.id).label == "normal"


def test_what_a_human_said_of_a_finding_outlives_other_revisions(tmp_path: Path) -> None:
    with Store(tmp_path / "store") as store:
        made = runner(tmp_path, store)
        result = asyncio.run(made.run())
        found = incident(store, result.run.id)
        box = FeedbackBox(store, made.verdicts)
        box.give(said(None, "warning", finding=found.id))
        box.give(said(found.patterns[0], "critical"))
        asyncio.run(made.follower.follow())
        now = incident(store, result.run.id)
        assert (now.label, now.method) == ("warning", "human")


def test_a_statement_taken_back_gives_the_finding_back_to_the_verdicts(tmp_path: Path) -> None:
    with Store(tmp_path / "store") as store:
        made = runner(tmp_path, store)
        result = asyncio.run(made.run())
        found = incident(store, result.run.id)
        box = FeedbackBox(store, made.verdicts)
        box.give(said(None, "normal", finding=found.id))
        box.give(said(None, None, finding=found.id, right=False))
        asyncio.run(made.follower.follow())
        now = incident(store, result.run.id)
        assert (now.label, now.method, now.revision) == ("critical", "classifier", 2)


def test_headless_runs_judge_by_labels(tmp_path: Path) -> None:
    with Store(tmp_path / "store") as store:
        made = runner(tmp_path, store)
        (pattern,) = patterns_of(store, ["connection to the database refused"], "file")
        FeedbackBox(store, made.verdicts).give(said(pattern, "normal"))
        assert standing_verdicts(store).labellers == ("kim",)
        result = asyncio.run(runner(tmp_path, store).run())
        assert [each.label for each in store.findings(result.run.id, "anomaly")] == ["normal"]
