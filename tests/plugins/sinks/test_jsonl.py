from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest

from sllm_core.findings import Finding, finding_id
from sllm_core.plugin import PluginError
from sllm_plugins.sinks.jsonl import JsonlSink


def finding(name: str, revision: int = 0) -> Finding:
    return Finding(id=finding_id("a", name, ""), analyzer="a", label="x", source=name, revision=revision)


def write(path: Path, *findings: Finding) -> None:
    asyncio.run(JsonlSink("jsonl", path).write(findings))


def test_each_finding_is_a_line_of_json(tmp_path: Path) -> None:
    path = tmp_path / "new" / "out.jsonl"
    write(path, finding("one"), finding("둘"))
    assert [json.loads(line)["source"] for line in path.read_text("utf-8").splitlines()] == ["one", "둘"]


def test_a_finding_that_comes_again_is_not_doubled(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    write(path, finding("one"))
    write(path, finding("one"), finding("two"))
    assert len(path.read_text().splitlines()) == 2


def test_a_later_revision_is_appended(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    write(path, finding("one"), finding("one", revision=1))
    assert len(path.read_text().splitlines()) == 2


def test_a_line_torn_by_a_crash_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    write(path, finding("one"), finding("two"))
    path.write_bytes(path.read_bytes()[:-10])
    write(path, finding("two"))
    assert [json.loads(line)["source"] for line in path.read_text().splitlines()] == ["one", "two"]


def test_lines_of_others_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text('{"id": []}\nnot json\n[1]\n')
    write(path, finding("one"))
    assert len(path.read_text().splitlines()) == 4


@pytest.mark.parametrize("content", ["2026-01-01 00:00:00 INFO a log\n2026-01-01 torn", "torn"])
def test_a_file_of_something_else_is_refused_and_stays_as_it_is(tmp_path: Path, content: str) -> None:
    path = tmp_path / "app.log"
    path.write_text(content)
    with pytest.raises(PluginError, match=r"app.log: this is no file of findings; .*\[plugins.jsonl\] path"):
        write(path, finding("one"))
    assert path.read_text() == content


def test_a_device_is_written_to_as_it_is() -> None:
    write(Path(os.devnull), finding("one"))
    assert Path(os.devnull).is_char_device()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, which Linux has")
def test_a_full_disk_is_told() -> None:
    with pytest.raises(PluginError, match=r"jsonl: /dev/full: No space left on device; make room"):
        write(Path("/dev/full"), finding("one"))


def test_a_file_that_cannot_be_written_is_named_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match=r"\[plugins.jsonl\] path"):
        write(tmp_path, finding("one"))
