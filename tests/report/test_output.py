from __future__ import annotations

import os
from pathlib import Path

import pytest

from sllm_core.plugin import PluginError
from sllm_core.report.output import OutputError, check_writable, replacing


def test_the_file_is_there_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    with replacing(path) as stream:
        stream.write(b"{}")
        assert not path.exists()
    assert path.read_bytes() == b"{}"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(b"old")
    with pytest.raises(ValueError), replacing(path) as stream:
        stream.write(b"half")
        raise ValueError
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    link, target = tmp_path / "link", tmp_path / "target"
    link.symlink_to(target)
    with replacing(link) as stream:
        stream.write(b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_device_is_written_to_and_not_replaced() -> None:
    with replacing(Path("/dev/null")) as stream:
        stream.write(b"new")
    assert Path("/dev/null").is_char_device()


def test_a_missing_folder_is_told_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match="there is no folder"):
        check_writable(tmp_path / "missing" / "report.html")


def test_a_folder_is_no_output(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match="it is a folder"):
        check_writable(tmp_path)


def test_the_permissions_of_the_file_stay(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.touch(0o600)
    with replacing(path) as stream:
        stream.write(b"{}")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_full_disk_is_a_failure_and_no_wrong_usage() -> None:
    with pytest.raises(OutputError, match="No space left") as caught, replacing(Path("/dev/full")) as stream:
        stream.write(b"x" * 100_000)
    assert caught.value.exit_code == 1


@pytest.mark.skipif(os.access("/", os.W_OK), reason="needs a user whom permissions bind")
def test_a_write_protected_file_is_told_before_the_work(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.touch(0o400)
    with pytest.raises(PluginError, match="write-protected"):
        check_writable(path)
