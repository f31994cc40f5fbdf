from __future__ import annotations

import asyncio
import gzip
import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.moments import microseconds
from sllm_core.plugin import PluginError
from sllm_core.replay.files import FilesStream
from sllm_core.replay.history import Document
from sllm_core.replay.stream import NOWHERE, Step

START = datetime(2026, 11, 1, tzinfo=UTC)


def line(seconds: float, text: str) -> str:
    return f"{START + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S} INFO [main] shop.Order: {text}\n"


def steps(paths: Sequence[Path], mark: object = NOWHERE, grain: int = 100, **span: int) -> list[Step]:
    async def read() -> list[Step]:
        stream = FilesStream(list(map(str, paths)), UTC, span.get("since"), span.get("until"))
        return [each async for each in stream.steps(mark, grain)]

    return asyncio.run(read())


def documents(found: Sequence[Step]) -> list[Document]:
    return [each for step in found for each in step.documents]


def messages(found: Sequence[Step]) -> list[str]:
    return [each.fields["message"] for each in documents(found)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two services side by side, and a third one, compressed, before them; 3 x 600 records."""
    (tmp_path / "a.log").write_text("".join(line(1000 + 2 * number, f"a {number}") for number in range(600)))
    (tmp_path / "b.log").write_text("".join(line(1001 + 2 * number, f"b {number}") for number in range(600)))
    with gzip.open(tmp_path / "z.log.gz", "wt") as file:
        file.writelines(line(number, f"z {number}") for number in range(600))
    return tmp_path


def test_files_are_merged_by_time(folder: Path) -> None:
    found = documents(steps([folder]))
    assert len(found) == 1800
    assert [each.time for each in found] == sorted(each.time for each in found)
    assert [each.fields["message"] for each in found[598:604]] == ["z 598", "z 599", "a 0", "b 0", "a 1", "b 1"]


def test_a_record_has_the_names_of_ecs(folder: Path) -> None:
    (first, *_) = documents(steps([folder / "a.log"]))
    assert first.origin == f"{folder}/a.log@0"
    assert first.fields == {
        "@timestamp": "2026-11-01T00:16:40.000000Z",
        "message": "a 0",
        "log.level": "INFO",
        "log.logger": "shop.Order",
        "log.file.path": f"{folder}/a.log",
        "event.module": "sllm",
    }


@pytest.mark.parametrize("stop", [0, 3, 11, 17])
def test_behind_any_mark_comes_the_rest(folder: Path, stop: int) -> None:
    found = steps([folder], grain=100)
    rest = steps([folder], json.loads(json.dumps(found[stop].mark)), grain=70)
    assert messages(found[: stop + 1]) + messages(rest) == messages(found)


def test_a_file_that_was_renamed_and_compressed_goes_on(folder: Path) -> None:
    found = steps([folder], grain=100)
    with gzip.open(folder / "a.log.1.gz", "wb") as file:
        file.write((folder / "a.log").read_bytes())
    (folder / "a.log").unlink()
    assert messages(steps([folder], found[9].mark)) == messages(found[10:])


def test_what_was_appended_comes_behind_the_end(folder: Path) -> None:
    end = steps([folder])[-1].mark
    with (folder / "a.log").open("a") as file:
        file.write(line(5000, "more"))
    assert messages(steps([folder], end)) == ["more"]


def test_a_new_file_comes_behind_the_end(folder: Path) -> None:
    end = steps([folder])[-1].mark
    (folder / "c.log").write_text(line(2, "new"))
    assert messages(steps([folder], end)) == ["new"]


def test_a_file_that_is_gone_for_a_while_is_not_read_twice(folder: Path) -> None:
    end = steps([folder])[-1].mark
    (folder / "a.log").rename(folder / ".hidden")
    later = steps([folder], end)[-1].mark
    (folder / ".hidden").rename(folder / "a.log")
    assert messages(steps([folder], later)) == []


def test_only_the_range_is_given_out(folder: Path) -> None:
    since = microseconds(START + timedelta(seconds=500))
    found = messages(steps([folder], since=since, until=since + 100_000_000))
    assert found == [f"z {number}" for number in range(500, 600)]


def test_lines_without_time_follow_the_record_before(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(line(1, "failed") + "java.io.IOException: gone\n\tat shop.Order(A.java:1)\n")
    (tmp_path / "b.log").write_text(line(2, "later"))
    assert messages(steps([tmp_path])) == ["failed\njava.io.IOException: gone\n\tat shop.Order(A.java:1)", "later"]


def test_a_single_wrong_time_holds_nothing_up(tmp_path: Path) -> None:
    times = [*range(100), 10**8, *range(101, 200)]
    (tmp_path / "a.log").write_text("".join(line(time, f"a {number}") for number, time in enumerate(times)))
    (tmp_path / "b.log").write_text("".join(line(number, f"b {number}") for number in range(200)))
    found = messages(steps([tmp_path]))
    assert abs(found.index("a 150") - found.index("b 150")) <= 3


def test_times_without_zone_are_read_in_the_zone(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(line(0, "a"))

    async def read() -> int:
        stream = FilesStream([str(tmp_path)], ZoneInfo("Asia/Seoul"), None, None)
        (step, *_) = [each async for each in stream.steps(NOWHERE, 10)]
        return step.documents[0].time

    assert asyncio.run(read()) == microseconds(START - timedelta(hours=9))


def test_a_damaged_archive_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = gzip.compress("".join(line(number, f"{random.random()}") for number in range(20_000)).encode())
    (tmp_path / "a.log.gz").write_bytes(whole[: len(whole) // 2])

    async def read() -> tuple[int, Sequence[str]]:
        stream = FilesStream([str(tmp_path / "a.log.gz")], UTC, None, None)
        count = sum([len(each.documents) async for each in stream.steps(NOWHERE, 1000)])
        return count, stream.warnings()

    count, (warning,) = asyncio.run(read())
    assert 5000 < count < 15_000
    assert "damaged or cut off" in warning


def test_files_that_cannot_be_read_are_told_and_the_others_are_read(folder: Path) -> None:
    (folder / "a.log").write_bytes(b"PK\x03\x04\0\0")

    async def read() -> tuple[int, Sequence[str]]:
        stream = FilesStream([str(each) for each in folder.iterdir()], UTC, None, None)
        return (await stream.survey()).parts, stream.warnings()

    parts, (warning,) = asyncio.run(read())
    assert (parts, "a.log: this is no text" in warning) == (2, True)


def test_nothing_that_can_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"\0" * 100)
    with pytest.raises(PluginError, match="this is no text"):
        steps([tmp_path / "a.bin"])


def test_a_link_to_a_file_does_not_double_it(folder: Path) -> None:
    (folder / "again.log").symlink_to(folder / "a.log")
    assert len(messages(steps([folder]))) == 1800


def test_too_many_files_of_one_time_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sllm_core.replay.file_merge.OPEN", 3)
    for number in range(4):
        (tmp_path / f"{number}.log").write_text(line(0, f"{number}") + line(100, "end"))
    with pytest.raises(PluginError, match="more than 3 files cover the same time"):
        steps([tmp_path])


def test_rotated_files_are_open_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sllm_core.replay.file_merge.OPEN", 2)
    for number in range(9):
        (tmp_path / f"{number}.log").write_text("".join(line(1000 * number + each, f"{each}") for each in range(9)))
    assert len(messages(steps([tmp_path]))) == 81


def test_a_survey_tells_the_bytes_and_the_first_time(folder: Path) -> None:
    survey = asyncio.run(FilesStream([str(folder)], UTC, None, None).survey())
    size = sum(each.stat().st_size for each in folder.iterdir())
    assert (survey.parts, survey.total, survey.unit, survey.first) == (3, size, "bytes", microseconds(START))
    assert steps([folder])[-1].done == size


@given(st.lists(st.lists(st.integers(0, 50), min_size=1, max_size=20), min_size=1, max_size=5), st.integers(1, 9))
def test_each_file_keeps_its_order(
    tmp_path_factory: pytest.TempPathFactory, files: list[list[int]], grain: int
) -> None:
    folder = tmp_path_factory.mktemp("logs")
    for number, times in enumerate(files):
        text = "".join(line(time, f"{number} {place}") for place, time in enumerate(times))
        (folder / f"{number}.log").write_text(text)
    found = [tuple(map(int, each.split())) for each in messages(steps([folder], grain=grain))]
    assert sorted(found) == [(number, place) for number, times in enumerate(files) for place in range(len(times))]
    assert all(
        [place for file, place in found if file == number] == list(range(len(times)))
        for number, times in enumerate(files)
    )


def test_files_without_any_time_have_that_of_the_replay(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("one\ntwo\n")
    before = datetime.now(UTC)
    survey = asyncio.run(FilesStream([str(tmp_path)], UTC, None, None).survey())
    assert survey.first is None
    assert all(each.time >= microseconds(before) for each in documents(steps([tmp_path])))
