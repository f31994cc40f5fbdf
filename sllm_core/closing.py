"""Around the analysis of a batch: what the log and the spans tell of the windows that it closes."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sllm_core.log_context import bound
from sllm_core.records import Window
from sllm_core.tracing import span


@contextmanager
def closing(source: str, shard: str, windows: Sequence[Window]) -> Iterator[None]:
    """While this lasts, lines of the log bear `source` and `shard`; where windows close, also `window`, the beginning
    of the first, and their number if it is not one, as `windows`."""
    if not windows:
        with bound(source=source, shard=shard):
            yield
        return
    first = min(each.start for each in windows).isoformat()
    several = {"windows": len(windows)} if len(windows) > 1 else {}
    with (
        bound(source=source, shard=shard, window=first, **several),
        span("close windows", source=source, shard=shard, window=first, windows=len(windows)),
    ):
        yield
        logging.getLogger("sllm.pipeline").debug("windows closed")
