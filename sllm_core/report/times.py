"""How times are written in a report."""

from __future__ import annotations

from datetime import datetime, timedelta

_UNITS = (
    (timedelta(days=365), "y", "년"),
    (timedelta(days=1), "d", "일"),
    (timedelta(hours=1), "h", "시간"),
    (timedelta(minutes=1), "min", "분"),
    (timedelta(seconds=1), "s", "초"),
)


def span(first: datetime, last: datetime) -> str:
    """From when to when: the date once if it is the same, seconds where the span is shorter than ten minutes."""
    form = "%H:%M:%S" if last - first < timedelta(minutes=10) else "%H:%M"
    begin, end = f"{first:%Y-%m-%d {form}}", f"{last:%Y-%m-%d {form}}"
    if begin == end:
        return begin
    return f"{begin} – {f'{last:{form}}' if first.date() == last.date() else end}"


def short_span(first: datetime, last: datetime, around: tuple[datetime, datetime]) -> str:
    """The span without dates if all that is reported about is of one day, without the year if of one year."""
    begin, end = clock(first, around), clock(last, around)
    return (
        begin if begin == end else f"{begin} – {end.removeprefix(begin[:-5]) if first.date() == last.date() else end}"
    )


def clock(time: datetime, around: tuple[datetime, datetime]) -> str:
    """The time of day to the minute, with as much of the date as tells it from others in the span reported about."""
    if around[0].date() == around[1].date():
        return f"{time:%H:%M}"
    return f"{time:%m-%d %H:%M}" if around[0].year == around[1].year else f"{time:%Y-%m-%d %H:%M}"


def moment(time: datetime, around: tuple[datetime, datetime]) -> str:
    """As `clock`, to the second."""
    return f"{clock(time, around)}:{time:%S}"


def tick(time: datetime, step: timedelta, around: tuple[datetime, datetime]) -> str:
    """The time as a mark of a scale with steps of this length: without the time of day where they are whole days."""
    return f"{time:%Y-%m-%d}" if step >= timedelta(days=1) else clock(time, around)


def width(step: timedelta, language: str) -> str:
    """A length of time in its largest whole unit: 10 min, 1 h; 10분, 1시간."""
    for unit, english, korean in _UNITS:
        if step >= unit and not step % unit:
            return f"{step // unit}{korean}" if language == "ko" else f"{step // unit} {english}"
    return f"{step.total_seconds():g} s"
