"""The requests of the windows that are still open."""

from __future__ import annotations

from datetime import datetime

from sllm_core.records import LogBatch
from sllm_core.summaries.notations import Notations
from sllm_core.summaries.requests import Requests


class OpenWindows:
    """Counts the requests of each open window."""

    def __init__(self, notations: Notations) -> None:
        self._notations = notations
        self._windows: dict[tuple[str, str, datetime], Requests] = {}

    def add(self, batch: LogBatch) -> None:
        """Count the requests among the records of a batch."""
        for told in self._notations.requests(batch):
            self._windows.setdefault((batch.source, batch.shard, told.start), Requests()).add(told)

    def drop(self, source: str, shard: str) -> None:
        """Forget the windows of a shard that belongs to another worker now."""
        for each in [each for each in self._windows if each[:2] == (source, shard)]:
            del self._windows[each]

    def close(self, source: str, shard: str, start: datetime) -> Requests:
        """The counts of a window, which is then forgotten."""
        return self._windows.pop((source, shard, start), None) or Requests()
