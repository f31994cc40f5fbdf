"""Small charts of counts over time, for one line of text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sllm_core.report.bars import BLOCKS

ASCII = " .:-=+*#@"
"""What stands for the blocks where a terminal has no others than ASCII characters."""


def spark(values: Sequence[float] | NDArray[np.float64], *, blocks: str = BLOCKS, top: float | None = None) -> str:
    """One character for each value; the largest, or `top`, fills the line, and anything above 0 is seen."""
    most = max(values, default=0) if top is None else top
    full = len(blocks) - 1
    return "".join(blocks[min(full, max(1, round(full * each / most))) if each > 0 else 0] for each in values)


def resampled(values: Sequence[int], size: int, head: float = 1.0, tail: float = 1.0) -> NDArray[np.float64]:
    """The counts of equal slots as counts of `size` equal pieces of the same time, (size,).

    Only the part `head` of the first slot and `tail` of the last (above 0, at most 1) are in the time.
    """
    widths = np.ones(len(values))
    widths[0], widths[-1] = head, tail
    if len(values) == 1:
        widths[0] = 1.0
    edges = np.concatenate([[0.0], np.cumsum(widths)])
    totals = np.concatenate([[0.0], np.cumsum(values)])
    pieces: NDArray[np.float64] = np.diff(np.interp(np.linspace(0.0, edges[-1], size + 1), edges, totals))
    return np.where(pieces < 1e-9, 0.0, pieces)
