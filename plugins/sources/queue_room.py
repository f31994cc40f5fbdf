"""How a queue on disk stands, seen from outside: also while another process uses it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from sllm_core.diagnosis import Diagnosis


def diagnose_queue(name: str, folder: Path, limit: int) -> Diagnosis:
    """How much is in it, and whether the disk has room for as much as may be."""
    existing = next(each for each in (folder, *folder.parents) if each.is_dir())
    kept = sum(each.stat().st_size for each in folder.glob("*.queue"))
    free = shutil.disk_usage(existing).free
    facts = (("queue", f"{kept / 1e6:,.1f} MB of {limit / 1e6:,.0f} MB"), ("free room", f"{free / 1e9:,.1f} GB"))
    if not os.access(existing, os.W_OK):
        remedy = f"chown {existing} to who runs sllm, or set [plugins.{name}] path"
        return Diagnosis(str(folder), facts, f"{existing} cannot be written", (remedy,))
    if free < limit - kept:
        remedy = f"make room, or set [plugins.{name}] limit to less"
        return Diagnosis(str(folder), facts, "the disk has less room than the queue may take", (remedy,))
    return Diagnosis(str(folder), facts)
