from __future__ import annotations

import asyncio
import errno
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.plugin import PluginError
from sllm_plugins.sources import disk_queue
from sllm_plugins.sources.disk_queue import HEAD, DiskQueue

ENTRIES = [b"first", b"", b"third" * 100]


def append(queue: DiskQueue, *entries: bytes) -> None:
    async def all_of_them() -> None:
        await asyncio.gather(*(queue.append(each) for each in entries))

    asyncio.run(all_of_them())


def everything(queue: DiskQueue, position: int = 0) -> list[bytes]:
    found: list[bytes] = []
    while entries := queue.read(position, 50):
        position = entries[-1][0]
        found += [entry for _, entry in entries]
    return found


def test_entries_come_out_as_they_went_in(tmp_path: Path) -> None:
    queue = DiskQueue(tmp_path)
    append(queue, *ENTRIES)
    assert everything(queue) == ENTRIES
    queue.close()


def test_they_are_there_after_a_restart(tmp_path: Path) -> None:
    for entry in ENTRIES:
        queue = DiskQueue(tmp_path)
        append(queue, entry)
        queue.close()
    queue = DiskQueue(tmp_path)
    assert everything(queue) == ENTRIES
    queue.close()


@given(entries=st.lists(st.binary(max_size=40)), cut=st.integers(0, 400), segment=st.integers(1, 100))
def test_a_file_cut_anywhere_keeps_what_was_whole(entries: list[bytes], cut: int, segment: int) -> None:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(disk_queue, "SEGMENT", segment)
        queue = DiskQueue(Path(name))
        for each in entries:
            append(queue, each)
        queue.close()
        last = max(Path(name).glob("*.queue"))
        lost = min(cut, last.stat().st_size)
        os.truncate(last, last.stat().st_size - lost)
        queue = DiskQueue(Path(name))
        found = everything(queue)
        append(queue, b"after")
        assert found == entries[: len(found)]
        assert (
            sum(len(each) + HEAD.size for each in entries[len(found) :]) <= lost + max(map(len, entries), default=0) + 8
        )
        assert everything(queue) == [*found, b"after"]
        queue.close()


def test_what_is_acknowledged_goes_by_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_queue, "SEGMENT", 1)
    queue = DiskQueue(tmp_path)
    for each in ENTRIES:
        append(queue, each)
    (first, _), *_ = queue.read(0, 1)
    queue.acknowledge(first)
    assert (queue.begin, len(list(tmp_path.glob("*.queue")))) == (first, 2)
    assert everything(queue) == ENTRIES[1:]
    queue.close()


def test_no_position_comes_again_in_a_folder_that_was_emptied(tmp_path: Path) -> None:
    queue = DiskQueue(tmp_path, after=700)
    append(queue, b"a")
    assert queue.read(0, 10) == [(700 + HEAD.size + 1, b"a")]
    queue.close()


def test_positions_behind_a_gap_are_found(tmp_path: Path) -> None:
    queue = DiskQueue(tmp_path)
    append(queue, b"a")
    queue.close()
    queue = DiskQueue(tmp_path, after=500)
    append(queue, b"b")
    assert everything(queue) == [b"a", b"b"]
    queue.close()


def test_a_full_disk_takes_nothing_and_breaks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = DiskQueue(tmp_path)
    append(queue, b"a")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", _full)
        with pytest.raises(OSError, match="No space"):
            append(queue, b"b" * 1000)
    append(queue, b"c")
    assert everything(queue) == [b"a", b"c"]
    queue.close()


def test_two_cannot_have_the_same_folder(tmp_path: Path) -> None:
    queue = DiskQueue(tmp_path)
    with pytest.raises(PluginError, match="in use by another process"):
        DiskQueue(tmp_path)
    queue.close()


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PluginError, match="choose another path"):
        DiskQueue(tmp_path / "file")


def test_what_is_written_while_it_is_read_is_no_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    queue = DiskQueue(tmp_path)
    append(queue, b"first")
    read = DiskQueue._read_segment

    def slowly(self: DiskQueue, start: int, position: int, limit: int, size: int) -> list[tuple[int, bytes]]:
        found = read(self, start, position, limit, size)
        append(queue, b"meanwhile")
        return found

    position = queue.end
    with monkeypatch.context() as patch:
        patch.setattr(DiskQueue, "_read_segment", slowly)
        assert queue.read(position, 50) == []
    assert everything(queue, position) == [b"meanwhile"]
    assert caplog.messages == []
    queue.close()


def _full(_: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")
