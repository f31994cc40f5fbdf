"""What is stored together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sllm_core.findings import Finding
from sllm_core.records import Window
from sllm_core.store.pending import Pending
from sllm_core.store.progress import Progress


@dataclass(frozen=True)
class Commit:
    """What is stored together, or not at all: closed windows of one shard, their findings, the shard's progress, and
    what a model is still to be asked about them.
    """

    run: str
    source: str
    shard: str
    windows: Sequence[Window] = ()
    findings: Sequence[Finding] = ()
    progress: Progress | None = None
    pending: Sequence[Pending] = ()
