"""A followed file: growth, rotation, truncation."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from sllm_core.records import LogBatch
from sllm_core.store import Store
from sllm_plugins.sources.file import FileConfig, FileSource


def lines(first: int, last: int) -> str:
    return "".join(f"2026-01-01 00:00:{number:02d} INFO line {number}\n" for number in range(first, last))


def numbered(first: int, last: int) -> list[str]:
    return [f"line {number}" for number in range(first, last)]


async def collect(path: Path, until: Callable[[list[LogBatch]], bool]) -> list[str]:
    config = FileConfig(path=(path,), follow=True, poll=timedelta(milliseconds=5))
    found: list[LogBatch] = []
    async for batch in FileSource("file", config, Store(), UTC).batches():
        found.append(batch)
        if until(found):
            break
    return [text for each in found for text in each.records["message"].to_pylist()]


def follow(path: Path, steps: list[Callable[[], object]], wanted: int) -> list[str]:
    """Follow a file; after each quiet look take the next step; stop at the wanted number of records."""
    left = iter(steps)

    def until(found: list[LogBatch]) -> bool:
        if not found[-1].shard:
            next(left, lambda: None)()
        return sum(map(len, found)) >= wanted

    return asyncio.run(asyncio.wait_for(collect(path, until), 20))


def rotate(path: Path, *, by_copy: bool) -> Callable[[], object]:
    """Rotation of a log to `<path>.1`: by renaming it, or by a copy (and cutting the log off at the next step)."""
    old = path.with_name(f"{path.name}.1")
    return (lambda: old.write_bytes(path.read_bytes())) if by_copy else (lambda: path.rename(old))


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


def test_a_followed_file_that_is_renamed_within_the_pattern_is_read_once(tmp_path: Path) -> None:
    path, old = tmp_path / "app.log", tmp_path / "app.log.1"
    path.write_text(lines(0, 30))
    steps = [rotate(path, by_copy=False), append(old, lines(30, 32)), append(path, lines(40, 45))]
    assert sorted(follow(tmp_path / "app.log*", steps, 37)) == sorted([*numbered(0, 32), *numbered(40, 45)])


def test_a_followed_file_that_is_copied_and_cut_off_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text(lines(0, 30))
    steps: list[Callable[[], object]] = [rotate(path, by_copy=True), lambda: path.write_text("")]
    steps += [append(path, lines(40, 45)), *[lambda: None] * 9, append(path, lines(50, 51))]
    assert follow(tmp_path / "app.log*", steps, 36) == [*numbered(0, 30), *numbered(40, 45), "line 50"]


def test_a_file_that_has_outgrown_what_was_cut_off_is_read_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text(lines(0, 3))
    steps: list[Callable[[], object]] = [lambda: path.write_text(lines(40, 49))]
    assert follow(path, steps, 12) == [*numbered(0, 3), *numbered(40, 49)]


def test_a_second_file_that_begins_alike_is_followed_in_the_end(tmp_path: Path) -> None:
    for name in ("a.log", "b.log"):
        (tmp_path / name).write_text(lines(0, 3))
    assert sorted(follow(tmp_path, [], 6)) == sorted(numbered(0, 3) * 2)


def test_more_files_than_may_be_open_are_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sllm_plugins.sources.file.OPEN", 1)
    for number in range(3):
        (tmp_path / f"{number}.log").write_text(lines(10 * number, 10 * number + 2))
    (tmp_path / "old.gz").write_bytes(gzip.compress(lines(50, 52).encode()))
    path = tmp_path / "1.log"
    steps: list[Callable[[], object]] = [append(path, lines(12, 14)), lambda: path.write_text(""), append(path, "x\n")]
    found = follow(tmp_path, steps, 11)
    assert sorted(found) == sorted([*numbered(0, 2), *numbered(10, 14), *numbered(20, 22), *numbered(50, 52), "x"])


def test_an_unfinished_stack_trace_is_not_torn(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text(lines(0, 1))
    trace = "2026-01-01 00:01:00 ERROR broke\njava.lang.Error: x\n"
    found = follow(path, [append(path, trace), append(path, "\tat a.b(C.java:1)\n")], 2)
    assert found[1] == "broke\njava.lang.Error: x\n\tat a.b(C.java:1)"
