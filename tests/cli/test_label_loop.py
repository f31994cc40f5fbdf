"""`sllm label` without a file: what it asks, what its keys do, and that it can be driven by hand and by a pipe."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sllm_core.cli import sllm
from sllm_core.store import Store
from worker import MAIN

LOG = """2026-11-20 13:00:00 INFO job done
2026-11-20 13:00:01 ERROR disk failure
2026-11-20 13:00:02 WARN queue is \x1b[31malmost full
2026-11-20 13:00:03 INFO user ann
"""
CONFIG = '[logging]\nlevel = "error"\n[plugins.file]\npath = "app.log"\n[plugins.sentiment]\n'
PATIENCE = 120.0


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose store has read a log of four patterns."""
    folder = tmp_path_factory.mktemp("label")
    (folder / "app.log").write_text(LOG)
    (folder / "config.toml").write_text(CONFIG)
    subprocess.run([sys.executable, "-c", MAIN, "run", "-q"], cwd=folder, check=True, timeout=PATIENCE)
    return folder


@pytest.fixture
def folder(read: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    from shutil import copytree

    return Path(copytree(read, tmp_path / "own"))


def labelled(folder: Path, keys: str, *more: str, language: str = "en") -> Result:
    """What the command says when these keys come from a pipe, one on each line."""
    (folder / "config.toml").write_text(f'language = "{language}"\n{CONFIG}')
    arguments = ["label", *more, "--config", str(folder / "config.toml")]
    return CliRunner().invoke(sllm, arguments, input="\n".join(keys) + "\n")


def given(folder: Path) -> list[tuple[str, str | None, str]]:
    with Store(folder / ".sllm") as store:
        return [(each.feedback.task, each.label, each.feedback.note) for each in store.feedback.labelled()]


def test_a_key_for_each_label_and_the_next_call_goes_on(folder: Path) -> None:
    first = labelled(folder, "13q")
    assert "1 of 4" in first.output
    assert "Labels given: 2." in first.output
    assert [label for _, label, _ in given(folder)] == ["normal", "critical"]
    assert "1 of 2" in labelled(folder, "q").output


def test_the_end_of_the_input_ends_it(folder: Path) -> None:
    assert "Labels given: 1." in labelled(folder, "2").output


def test_all_labelled_is_told(folder: Path) -> None:
    labelled(folder, "1111")
    assert "nothing to label" in labelled(folder, "").output


def test_the_last_answer_can_be_taken_back_and_more_before_it(folder: Path) -> None:
    result = labelled(folder, "1suu3q")
    assert "taken back: normal" in result.output
    assert [label for _, label, _ in given(folder)] == ["critical"]


def test_there_is_nothing_to_take_back_at_first(folder: Path) -> None:
    assert "nothing to take back" in labelled(folder, "uq").output


def test_a_note_goes_with_the_next_label_alone(folder: Path) -> None:
    (folder / "config.toml").write_text(CONFIG)
    arguments = ["label", "--config", str(folder / "config.toml")]
    CliRunner().invoke(sllm, arguments, input="n\nknown since May\n2\n1\nq\n")
    assert [note for _, _, note in given(folder)] == ["known since May", ""]


def test_the_task_may_be_the_tone(folder: Path) -> None:
    labelled(folder, "3q", "--task", "sentiment")
    assert [each[:2] for each in given(folder)] == [("sentiment", "negative")]


def test_it_speaks_korean_and_hears_hangul_keys(folder: Path) -> None:
    result = labelled(folder, "1ㅕ2ㅂ", language="ko")
    assert "얼마나 심각한가요?" in result.output
    assert "취소함: 정상" in result.output
    assert "지정한 라벨: 1개" in result.output
    assert [label for _, label, _ in given(folder)] == ["warning"]


def test_what_is_shown_cannot_drive_the_terminal(folder: Path) -> None:
    assert "\x1b[31m" not in labelled(folder, "sssq").output


def test_keys_that_mean_nothing_are_told(folder: Path) -> None:
    result = labelled(folder, "x?q")
    assert "There is no key x" in result.output
    assert "sllm tune" in result.output


def test_it_says_how_many_labels_are_still_needed(folder: Path) -> None:
    assert "needs 40 more labelled patterns to measure on (0 of 40)" in labelled(folder, "q").output


def test_without_a_store_it_says_how_to_get_one(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    assert "there is no store yet" in str(labelled(tmp_path, "q").exception)


def test_a_task_goes_without_files(folder: Path) -> None:
    result = labelled(folder, "", "--task", "anomaly", str(folder / "app.log"))
    assert (result.exit_code, "--task goes without FILE" in result.output) == (2, True)


def test_a_store_in_use_is_told_with_where_to_go(folder: Path) -> None:
    with Store(folder / ".sllm"):
        assert "/kinds" in str(labelled(folder, "q").exception)


@dataclass
class Terminal:
    """A process in a terminal of its own, and what it has shown."""

    process: subprocess.Popen[bytes]
    place: int
    shown: str = ""

    def until(self, text: str) -> None:
        """Wait until it shows a text that it had not shown before."""
        start = len(self.shown)
        while text not in self.shown[start:]:
            ready, _, _ = select.select([self.place], [], [], PATIENCE)
            assert ready, self.shown
            self.shown += os.read(self.place, 65_536).decode(errors="replace")

    def type(self, keys: str) -> None:
        os.write(self.place, keys.encode())

    def end(self) -> int:
        """The exit code."""
        try:
            while data := os.read(self.place, 65_536):
                self.shown += data.decode(errors="replace")
        except OSError:  # what Linux says once the other end is closed
            pass
        return self.process.wait(PATIENCE)


@contextmanager
def in_terminal(folder: Path) -> Iterator[Terminal]:
    """`sllm label` as somebody sees it."""
    own, other = pty.openpty()
    environ = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    environ.pop("NO_COLOR", None)
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # also of tests in the background
    command = [sys.executable, "-c", f"{heard}; {MAIN}", "label"]
    with subprocess.Popen(
        command, cwd=folder, stdin=other, stdout=other, stderr=other, env=environ, start_new_session=True
    ) as process:
        os.close(other)
        try:
            yield Terminal(process, own)
        finally:
            process.kill()
            os.close(own)


def test_keys_are_taken_without_the_end_of_a_line(folder: Path) -> None:
    with in_terminal(folder) as terminal:
        terminal.until("quit")
        terminal.type("1")
        terminal.until("quit")
        terminal.type("n")
        terminal.until("Note")
        terminal.type("as tolx\x7fd\n")
        terminal.until("next label")
        terminal.type("3")
        terminal.until("quit")
        terminal.type("q")
        assert terminal.end() == 0
    assert "2 given" in terminal.shown
    assert [each[1:] for each in given(folder)] == [("normal", ""), ("critical", "as told")]


def test_ctrl_c_ends_it_and_what_was_given_is_kept(folder: Path) -> None:
    with in_terminal(folder) as terminal:
        terminal.until("quit")
        terminal.type("2")
        terminal.until("quit")
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.end() == 0
    assert "Labels given: 1." in terminal.shown
    assert [label for _, label, _ in given(folder)] == ["warning"]
