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
from pydantic import ValidationError

from sllm_core.components import Source
from sllm_core.plugin import PluginError
from sllm_core.records import LogBatch
from sllm_core.store import Commit, Progress, Store
from sllm_plugins.sources.file import FileConfig, FileSource


def lines(first: int, last: int) -> str:
    return "".join(f"2026-01-01 00:00:{number:02d} INFO line {number}\n" for number in range(first, last))


def source(store: Store, *paths: Path) -> FileSource:
    config = FileConfig(path=paths, poll=timedelta(milliseconds=5))
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


def test_what_comes_while_a_file_is_read_waits_for_the_next_run(tmp_path: Path) -> None:
    store, path = Store(), tmp_path / "app.log"
    path.write_text(lines(0, 3) + "2026-01-01 00:00:03 INFO li")

    def until(found: list[LogBatch]) -> bool:
        if len(found) == 1:
            path.write_text(lines(0, 9))
        return False

    assert messages(asyncio.run(collect(source(store, path), until))) == numbered(0, 4)


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


def test_a_file_is_read_once_however_many_links_lead_to_it(tmp_path: Path) -> None:
    path = tmp_path / "z.log"
    path.write_text(lines(0, 3))
    (tmp_path / "a.log").symlink_to(path)
    (tmp_path / "b.log").hardlink_to(path)
    assert messages(read(Store(), tmp_path)) == numbered(0, 3)


def test_a_name_that_is_no_text_is_shown_by_its_bytes(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\x1b\n.log"))
    path.write_text(lines(0, 2))
    store = Store()
    assert [each.shard for each in read(store, path) if len(each)] == [f"{tmp_path}/\\xff\\x1b\\n.log"]
    assert messages(read(store, path)) == []


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("logs.zip", b"PK\x03\x04....", "a zip archive"),
        ("logs.tar.gz", gzip.compress(bytes(257) + b"ustar"), "a tar archive"),
        ("app.xz", b"\xfd7zXZ\x00", "xz data"),
    ],
)
def test_what_is_no_text_is_refused_with_a_remedy(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(PluginError, match=rf"{name}: this is {told}, which is not read; unpack it first"):
        read(Store(), tmp_path / name)


def test_what_is_compressed_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(bz2.compress(b"x")))
    with pytest.raises(PluginError, match="this is bzip2 data, which is not read; it was compressed twice"):
        read(Store(), tmp_path / "a.gz")


def test_a_pipe_is_refused_with_a_remedy(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PluginError, match=r"not a regular file.*\[plugins.stdin\] path"):
        read(Store(), tmp_path / "pipe")


def test_a_path_that_cannot_be_looked_at_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(paths: object) -> list[Path]:
        raise PermissionError(13, "Permission denied", "/secret")

    monkeypatch.setattr("sllm_plugins.sources.file.expand", refuse)
    with pytest.raises(PluginError, match="/secret: cannot be read: Permission denied"):
        read(Store(), tmp_path)


def test_of_many_files_that_cannot_be_read_some_are_named(tmp_path: Path) -> None:
    for number in range(15):
        (tmp_path / f"{number}.gz").write_bytes(b"\x1f\x8b\x08broken")
    with pytest.raises(PluginError, match="5 more files were not read"):
        read(Store(), tmp_path)


def test_short_files_that_begin_alike_are_told_apart_once_more_is_known(tmp_path: Path) -> None:
    store, path = Store(), tmp_path / "app.log"
    path.write_text("starting\n")
    read(store, path)
    path.write_text("starting\n" + lines(0, 3))
    read(store, path)
    path.write_text("starting\n" + lines(10, 20))
    assert messages(read(store, path)) == ["starting", *numbered(10, 20)]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"path": ""}, "empty path"),
        ({"path": 3}, "give a path"),
        ({"path": []}, "give a path"),
        ({"poll": 0}, "above 0"),
    ],
)
def test_a_mistake_in_the_section_is_told_plainly(options: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        FileConfig.model_validate({"path": "app.log", **options})


def test_batches_are_tables(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text(lines(0, 1))
    assert all(isinstance(each.records, pa.Table) for each in read(Store(), path))
