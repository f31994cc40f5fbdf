"""Numbers with what stands behind them: a unit, a magnitude, a Korean counter, a rate."""

from __future__ import annotations

from collections.abc import Iterable

from sllm_core.figures.figure import Clock, Figure, Number, Reading, reading
from sllm_core.figures.hedges import rate
from sllm_core.figures.units import Unit, behind, unit

_COUNT: tuple[Unit, ...] = (("count", 1.0),)
_FIRST_YEAR, _LAST_YEAR = 1970, 2100


def followed(text: str, start: int, end: int, value: Number, signed: bool = False) -> Figure:
    """The figure of the number from `start` to `end` in the text."""
    found = behind().match(text, end)
    if found is None:
        return _bare(text, start, end, value, signed)
    name = (found["word"] or found["short"] or found["korean"] or found["counter"] or found[0]).strip(" -")
    readings = unit(name) or _COUNT
    if found["some"]:
        return Figure(start, found.end(), tuple(each.some_more() for each in measured(value, readings)))
    if found["counter"]:
        return _bare(text, start, found.end(), value, signed)
    if _is_magnitude(readings):
        return followed(text, start, found.end(), value.times(readings[0][1]), signed)
    day = (Clock(day=int(value.value)),) if name == "일" and value.value < 32 else ()
    return Figure(start, found.end(), (*measured(value, readings, signed), *day))


def measured(value: Number, readings: Iterable[Unit], signed: bool = False) -> tuple[Reading, ...]:
    """What a number claims in a unit with these readings."""
    return tuple(reading(kind, value, factor, signed) for kind, factor in readings)


def _is_magnitude(readings: tuple[Unit, ...]) -> bool:
    return len(readings) == 1 and readings[0][0] == "count"


def _bare(text: str, start: int, end: int, value: Number, signed: bool) -> Figure:
    """A number of things, or of things in a time; a year where it can be one."""
    if (per := rate(text, start, end)) is not None:
        readings = [reading("rate", value, 1 / each) for _, each in unit(per[0])[:1]]
        return Figure(start, per[1], (*readings, reading("peak", value)))
    year = (Clock(year=int(value.value)),) if _FIRST_YEAR <= value.value <= _LAST_YEAR and end - start == 4 else ()
    return Figure(start, end, (reading("count", value, signed=signed), *year))
