from __future__ import annotations

import os
from pathlib import Path

import pytest

from sllm_core.learning.work import FOLLOWS, Work

SAME = {"data": "d1", "tuner": "lora", "seed": 0, "code": "1.0"}


def begun(folder: Path, follows: dict[str, object] = SAME, kept: bool = True) -> tuple[Work, bool]:
    work = Work(folder / ".tmp-lora", follows, kept)
    return work, work.open()


def test_what_a_stopped_run_left_is_given_to_the_next_from_the_same(tmp_path: Path) -> None:
    work, resumed = begun(tmp_path)
    (work.folder / "step-100").write_text("weights")
    work.stop()
    again, found = begun(tmp_path)
    assert (resumed, found, (again.folder / "step-100").read_text()) == (False, True, "weights")


@pytest.mark.parametrize("name", SAME)
def test_what_follows_from_something_else_is_removed(tmp_path: Path, name: str) -> None:
    work, _ = begun(tmp_path)
    (work.folder / "step-100").write_text("weights")
    again, resumed = begun(tmp_path, {**SAME, name: "other"})
    assert (resumed, os.listdir(again.folder)) == (False, [FOLLOWS])


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_a_folder_that_does_not_tell_what_it_follows_from_is_removed(tmp_path: Path, text: str) -> None:
    work, _ = begun(tmp_path)
    (work.folder / FOLLOWS).write_text(text)
    assert begun(tmp_path)[1] is False


def test_killed_before_it_was_noted_nothing_is_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(os, "replace", killed)
        begun(tmp_path)
    assert begun(tmp_path)[1] is False


def killed(*names: object) -> None:
    raise KeyboardInterrupt


def test_a_tuner_that_begins_afresh_finds_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    work, _ = begun(tmp_path, kept=False)
    (work.folder / "half").write_text("")
    assert begun(tmp_path, kept=False)[1] is False
    assert os.listdir(work.folder) == []
    work.stop()
    assert not work.folder.exists()


def test_a_run_that_came_to_its_end_leaves_nothing(tmp_path: Path) -> None:
    work, _ = begun(tmp_path)
    work.close()
    assert os.listdir(tmp_path) == []
