from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from sllm_core.cli.inputs import Inputs, default_language, settings_for
from sllm_core.plugin import PluginError


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US", "LC_ALL": "KO"}, "ko"),
        ({"LC_ALL": "", "LANG": "ko"}, "ko"),
    ],
)
def test_the_language_is_that_of_the_locale(environ: dict[str, str], language: str) -> None:
    assert default_language(environ) == language


def test_only_what_is_asked_for_is_enabled(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.touch()
    settings = settings_for(Inputs((str(path), "-")), analyzers=["sentiment"])
    assert [each.section for each in settings.plugins] == ["file", "stdin", "sentiment"]


def test_the_window_follows_the_time_that_the_files_span(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text("2026-03-02 09:00:00 INFO a\n2026-03-02 17:00:00 INFO b\n", encoding="utf-8")
    assert settings_for(Inputs((str(path),))).pipeline.window == timedelta(minutes=30)


def test_a_given_window_holds(tmp_path: Path) -> None:
    (tmp_path / "app.log").touch()
    assert settings_for(Inputs((str(tmp_path),), window=timedelta(minutes=7))).pipeline.window == timedelta(minutes=7)


def test_the_environment_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "app.log").touch()
    monkeypatch.setenv("SLLM_PIPELINE__WINDOW", "3m")
    assert settings_for(Inputs((str(tmp_path),))).pipeline.window == timedelta(hours=1)


def test_a_path_that_matches_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match=r"none\*"):
        settings_for(Inputs((str(tmp_path / "none*.log"),)))


def test_standard_input_has_a_name() -> None:
    assert Inputs(("a.log", "-")).names == ("a.log", "stdin")


def test_each_input_is_named_once() -> None:
    assert Inputs(("a.log", "-", "a.log", "-")).names == ("a.log", "stdin")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_read_as_standard_input_is(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "app.log").touch()
    settings = settings_for(Inputs((str(tmp_path / "app.log"), str(tmp_path / "pipe"))), analyzers=())
    assert [each.section for each in settings.plugins] == ["file", "pipe-1"]


def test_a_file_with_the_name_of_standard_input_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("-").touch()
    assert Inputs(("./-",)).files() == [Path("-")]
    assert [each.section for each in settings_for(Inputs(("./-",)), analyzers=()).plugins] == ["file"]
