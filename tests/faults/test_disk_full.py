from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rounds import Stage, expect_all_counted_once

pytestmark = pytest.mark.faults

SIZE = 48 << 20
"""Bytes of the disk."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of the test's own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    if not sys.platform.startswith("linux") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("needs a file system that can be full: run the tests as root on Linux, where tmpfs can be mounted")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """A file that leaves no room."""
    path = folder / "filler"
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError as error:
            assert error.errno == errno.ENOSPC
    return path


def test_a_worker_on_a_full_disk_ends_and_goes_on_once_there_is_room(stage: Stage, disk: Path) -> None:
    worker = stage.worker(disk / "state")
    stage.flow()
    stage.wait_for_moment(0.6)
    stage.dismiss(worker)
    filler = fill(disk)
    stage.wait("a write failed", lambda: not worker.runs or stage.is_read())
    if not worker.runs:  # what was to be written may have found room in the files that were there
        assert (worker.ended(), "disk is full" in worker.said[-2000:]) == (1, True), worker.said[-2000:]
    filler.unlink()
    stage.restart(worker)
    seconds = stage.recovery()
    expect_all_counted_once("the disk of the state is full", stage, seconds)
