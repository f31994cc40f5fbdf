from __future__ import annotations

import asyncio
import bz2
import gzip
import os
from collections.abc import Callable
from datetime import UTC, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from sllm_core.components import Source
from sllm_core.plugin import PluginError
from sllm_core.records import LogBatch
from sllm_core.store import Commit, Progress, Store
from sllm_plugins.sources.file import FileConfig, FileSource


def lines(first: int, last: int) -> str:
    return "".join(f"2026-01-01 00:00:{number:02d} INFO line {number}\n" for number in range(first, last))


def source(store: Store, *paths: Path, follow: bool = False) -> FileSource:
    config = FileConfig(path=paths, follow=follow, poll=timedelta(milliseconds=5))
    return FileSource("file", config, store, UTC)


async def collect(source: Source, until: Callable[[list[LogBatch]], bool]) -> list[LogBatch]:
    found: list[LogBatch] = []
    async for batch in source.batches():
        found.append(batch)
        if until(found):
            break
    return found


def read(store: Store, *paths: Path) -> list[LogBatch]:
    """What one run reads; its cursors are stored."""
    batches = asyncio.run(collect(source(store, *paths), lambda _: False))
    for batch in batches:
        progress = Progress(cursor=batch.cursor)
        store.commit(Commit("run", "file", batch.shard, progress=progress))
    return batches


def messages(batches: list[LogBatch]) -> list[str]:
    return [text for each in batches for text in each.records["message"].to_pylist()]


def numbered(first: int, last: int) -> list[str]:
    return [f"line {number}" for number in range(first, last)]


def test_a_file_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text(lines(0, 9).rstrip("\n"))
    assert messages(read(Store(), path)) == numbered(0, 9)


def test_origins_are_path_and_byte(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text(lines(0, 2))
    (batch,) = [each for each in read(Store(), path) if len(each)][:1]
    assert batch.records["origin"][0].as_py() == f"{path}@0"


def test_nothing_is_read_twice(tmp_path: Path) -> None:
    store, path = Store(), tmp_path / "app.log"
    path.write_text(lines(0, 9))
    read(store, path)
    assert messages(read(store, path)) == []


def test_what_was_appended_is_read_at_the_next_run(tmp_path: Path) -> None:
    store, path = Store(), tmp_path / "app.log"
    path.write_text(lines(0, 5))
    read(store, path)
    path.write_text(lines(0, 9))
    assert messages(read(store, path)) == numbered(5, 9)


def test_line_numbers_go_on(tmp_path: Path) -> None:
    store, path = Store(), tmp_path / "app.log"
    path.write_text(lines(0, 5))
    read(store, path)
    path.write_text(lines(0, 6))
    assert read(store, path)[-1].records["line"].to_pylist() == [6]


def test_a_renamed_file_goes_on_under_its_new_name(tmp_path: Path) -> None:
    store, path = Store(), tmp_path / "app.log"
    path.write_text(lines(0, 5))
    read(store, tmp_path)
    path.rename(tmp_path / "app.log.1")
    (tmp_path / "app.log.1").write_text(lines(0, 7))
    path.write_text(lines(20, 22))
    assert sorted(messages(read(store, tmp_path))) == sorted([*numbered(5, 7), *numbered(20, 22)])


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress])
def test_a_compressed_file_is_not_read_again(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    store, path = Store(), tmp_path / "app.log"
    path.write_text(lines(0, 5))
    read(store, tmp_path)
    path.unlink()
    (tmp_path / "app.log.1.z").write_bytes(compress(lines(0, 6).encode()))
    assert messages(read(store, tmp_path)) == numbered(5, 6)


def test_a_file_replaced_under_its_name_is_another_shard(tmp_path: Path) -> None:
    store, path = Store(), tmp_path / "app.log"
    path.write_text(lines(0, 5))
    read(store, path)
    path.write_text(lines(30, 33))
    batches = read(store, path)
    assert messages(batches) == numbered(30, 33)
    assert batches[0].shard == f"{path}~2"


def test_a_truncated_file_is_read_from_its_beginning(tmp_path: Path) -> None:
    store, path = Store(), tmp_path / "app.log"
    path.write_text(lines(0, 50))
    read(store, path)
    path.write_text(lines(0, 25))
    assert messages(read(store, path)) == numbered(0, 25)


def test_an_empty_file_gives_nothing(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.touch()
    assert read(Store(), path) == []


def test_a_path_that_matches_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match="no such file"):
        read(Store(), tmp_path / "*.log")


def test_a_damaged_archive_is_left_out_with_a_warning(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(os.urandom(9_000).hex().encode())[:-40])
    (tmp_path / "b.log").write_text(lines(0, 5))
    reader = source(Store(), tmp_path)
    batches = asyncio.run(collect(reader, lambda _: False))
    assert messages(batches)[-5:] == numbered(0, 5)
    assert "a.gz" in reader.progress().warnings[0]


def test_what_is_readable_of_a_damaged_archive_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress((lines(0, 50) + os.urandom(9_000).hex()).encode())[:-40])
    reader = source(Store(), tmp_path / "a.gz")
    assert messages(asyncio.run(collect(reader, lambda _: False)))[:49] == numbered(0, 49)
    assert "damaged" in reader.progress().warnings[0]


def test_when_no_file_can_be_read_the_source_fails(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(b"\x1f\x8b\x08broken")
    with pytest.raises(PluginError, match=r"a\.gz"):
        read(Store(), tmp_path)


def test_progress_is_in_bytes(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text(lines(0, 9))
    reader = source(Store(), path)
    asyncio.run(collect(reader, lambda _: False))
    assert (reader.progress().done, reader.progress().total) == (path.stat().st_size,) * 2


def follow(path: Path, steps: list[Callable[[], object]], wanted: int) -> list[str]:
    """Follow a file; after each quiet look take the next step; stop at the wanted number of records."""
    left = iter(steps)

    def until(found: list[LogBatch]) -> bool:
        if not found[-1].shard:
            next(left, lambda: None)()
        return sum(map(len, found)) >= wanted

    return messages(asyncio.run(asyncio.wait_for(collect(source(Store(), path, follow=True), until), 20)))


def append(path: Path, text: str) -> Callable[[], object]:
    def step() -> None:
        with path.open("a") as file:
            file.write(text)

    return step


def test_a_followed_file_gives_what_is_appended(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text(lines(0, 3))
    assert follow(path, [append(path, lines(3, 6))], 6) == numbered(0, 6)


def test_a_file_that_comes_later_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    assert follow(path, [append(path, lines(0, 3))], 3) == numbered(0, 3)


def test_following_survives_rotation_by_renaming(tmp_path: Path) -> None:
    path, old = tmp_path / "app.log", tmp_path / "old"
    path.write_text(lines(0, 3))
    steps = [lambda: path.rename(old), append(old, lines(3, 5)), append(path, lines(5, 8))]
    assert sorted(follow(path, steps, 8)) == numbered(0, 8)


def test_following_survives_truncation(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text(lines(0, 30))
    steps: list[Callable[[], object]] = [lambda: path.write_text(""), append(path, lines(40, 43))]
    assert follow(path, steps, 33) == [*numbered(0, 30), *numbered(40, 43)]


def test_an_unfinished_stack_trace_is_not_torn(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text(lines(0, 1))
    trace = "2026-01-01 00:01:00 ERROR broke\njava.lang.Error: x\n"
    found = follow(path, [append(path, trace), append(path, "\tat a.b(C.java:1)\n")], 2)
    assert found[1] == "broke\njava.lang.Error: x\n\tat a.b(C.java:1)"


def test_batches_are_tables(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text(lines(0, 1))
    assert all(isinstance(each.records, pa.Table) for each in read(Store(), path))
