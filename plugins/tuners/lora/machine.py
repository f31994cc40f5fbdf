"""What the machine has free for a training."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

MEMORY = Path("/proc/meminfo")
LIMIT, USED = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")
"""What a container may use at most, and what it uses."""


def free_memory() -> int | None:
    """Bytes that can be had without swapping, in this container if it is one; None where the system does not tell."""
    free = [each for each in (_available(), _contained()) if each is not None]
    return min(free, default=None)


def free_disk(folder: Path) -> int:
    """Bytes that can be written where a folder is or will be.

    Raises:
        OSError: its place cannot be reached.
    """
    there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    return shutil.disk_usage(there).free


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _available() -> int | None:
    with suppress(OSError, ValueError, IndexError):
        for line in MEMORY.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return None


def _contained() -> int | None:
    with suppress(OSError, ValueError):
        return int(LIMIT.read_text(encoding="ascii")) - int(USED.read_text(encoding="ascii"))
    return None
