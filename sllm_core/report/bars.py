"""Charts out of block characters."""

from __future__ import annotations

from collections.abc import Sequence

BLOCKS = " ▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float], width: int | None = None) -> str:
    """One character for each value, or for sums of neighbours where there are more than `width`."""
    return bars(_joined(values, width) if width else values, 1)[0]


def bars(values: Sequence[float], height: int, repeat: int = 1) -> list[str]:
    """Columns `height` lines high and `repeat` characters wide, the top line first; the largest value fills them.

    Anything above 0 shows at least the lowest block.
    """
    top = max(values, default=0) or 1
    eighths = [max(1, round(8 * height * value / top)) if value > 0 else 0 for value in values]
    lines = range(height - 1, -1, -1)
    return ["".join(BLOCKS[min(8, max(0, each - 8 * line))] * repeat for each in eighths) for line in lines]


def compact(number: float) -> str:
    """The number in at most five characters: 999, 1.2k, 12k, 3.4M."""
    for unit, factor in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= factor * 0.9995:
            value = number / factor
            return f"{value:.1f}{unit}" if value < 9.95 else f"{value:.0f}{unit}"
    return f"{number:.0f}"


def _joined(values: Sequence[float], width: int) -> Sequence[float]:
    if len(values) <= width:
        return values
    size = -(-len(values) // width)
    return [sum(values[place : place + size]) for place in range(0, len(values), size)]
