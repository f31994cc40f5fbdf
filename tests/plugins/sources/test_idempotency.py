from __future__ import annotations

import asyncio
import errno
import os
import tempfile
from collections import Counter
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sllm_core.components import Full, Taken
from sllm_core.records import LogBatch
from sllm_core.store import Commit, Progress, Store
from sllm_plugins.sources import disk_queue
from sllm_plugins.sources.disk_queue import DiskQueue
from sllm_plugins.sources.http import HttpConfig, HttpSource


def source(folder: Path, store: Store) -> HttpSource:
    return HttpSource("http", HttpConfig(path=folder), store, UTC)


def body(name: int) -> bytes:
    return b"2026-01-01 00:00:00 INFO batch %d" % name


async def sent(folder: Path, store: Store, *names: int) -> list[Taken]:
    made = source(folder, store)
    async with made.open():
        return await asyncio.gather(*(made.take(body(each), f"key-{each}") for each in names))


async def stored(folder: Path, store: Store) -> list[str]:
    made = source(folder, store)
    async with made.open():
        batches = [each async for each in made.batches()]
        return [message for each in batches for message in each.records["message"].to_pylist()]


def test_what_comes_again_is_answered_as_before_and_stored_once(tmp_path: Path) -> None:
    with Store() as store:
        first, again, other = asyncio.run(sent(tmp_path, store, 1, 1, 2))
        (restarted,) = asyncio.run(sent(tmp_path, store, 1))
        assert sorted(asyncio.run(stored(tmp_path, store))) == ["batch 1", "batch 2"]
    assert (first, again, other) == (Taken(1), Taken(1, repeated=True), Taken(1))
    assert restarted == again


def test_the_first_answer_has_the_lines_that_were_refused(tmp_path: Path) -> None:
    async def scene() -> tuple[Taken, Taken]:
        made = source(tmp_path, store)
        payload = b'{"message": "a"}\n{"message": "b\n{"message": "c"}'
        async with made.open():
            return await made.take(payload, "k"), await made.take(payload, "k")

    with Store() as store:
        first, again = asyncio.run(scene())
    assert first.refused == again.refused != ()
    assert again.repeated


def test_what_could_not_be_stored_may_come_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with Store() as store:
        with monkeypatch.context() as patch, pytest.raises(Full):
            patch.setattr(os, "fdatasync", full)
            asyncio.run(sent(tmp_path, store, 1))
        assert asyncio.run(sent(tmp_path, store, 1)) == [Taken(1)]
        assert asyncio.run(stored(tmp_path, store)) == ["batch 1"]


def test_a_client_that_goes_meanwhile_finds_it_known(tmp_path: Path) -> None:
    async def scene() -> Taken:
        made = source(tmp_path, store)
        async with made.open():
            gone = asyncio.create_task(made.take(body(1), "key"))
            await asyncio.sleep(0)
            gone.cancel()
            return await made.take(body(1), "key")

    with Store() as store:
        assert asyncio.run(scene()).repeated
        assert asyncio.run(stored(tmp_path, store)) == ["batch 1"]


Step = tuple[str, int]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.integers(0, 4)),
        st.tuples(st.just("cut"), st.integers(1, 2000)),
        st.tuples(st.just("count"), st.just(0)),
        st.tuples(st.just("freed in part"), st.just(0)),
    ),
    max_size=12,
)


@settings(max_examples=30, deadline=None)
@given(steps=STEPS, segment=st.sampled_from([1, 1500, 1 << 20]))
def test_whatever_comes_again_and_wherever_it_crashes_each_batch_is_counted_once(
    steps: list[Step], segment: int
) -> None:
    """`cut` is a crash while a batch is written: it was answered to nobody, so its sender sends it again at once."""
    counted: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch, Store() as store:
        patch.setattr(disk_queue, "SEGMENT", segment)
        for number, (kind, value) in enumerate(steps):
            asyncio.run(_step(Path(name), store, counted, kind, value, 100 + number))
        for each in range(5):
            asyncio.run(sent(Path(name), store, each))
        asyncio.run(_count(Path(name), store, counted))
    cuts = [100 + number for number, (kind, _) in enumerate(steps) if kind == "cut"]
    assert counted == {f"batch {each}": 1 for each in (*range(5), *cuts)}


async def _step(folder: Path, store: Store, counted: Counter[str], kind: str, value: int, number: int) -> None:
    if kind == "send":
        await sent(folder, store, value, value)
    elif kind == "cut":
        await _cut(folder, store, number, value)
    else:
        await _count(folder, store, counted, crashes=kind == "freed in part")


async def _cut(folder: Path, store: Store, number: int, size: int) -> None:
    made = source(folder, store)
    async with made.open():
        pass
    sizes = {each: each.stat().st_size for each in folder.glob("*.queue")}
    await sent(folder, store, number)
    last = max(folder.glob("*.queue"))
    written = last.stat().st_size - sizes.get(last, 0)
    os.truncate(last, last.stat().st_size - min(size, written))
    await sent(folder, store, number)


async def _count(folder: Path, store: Store, counted: Counter[str], crashes: bool = False) -> None:
    made = source(folder, store)
    async with made.open():
        last: LogBatch | None = None
        async for last in made.batches():
            counted.update(last.records["message"].to_pylist())
        assert last is not None
        store.commit(Commit("run", "http", "queue", progress=Progress(last.cursor)))
        with pytest.MonkeyPatch.context() as patch:
            if crashes:
                patch.setattr(DiskQueue, "acknowledge", lambda *_: None)
            await made.acknowledge(last.cursor)
