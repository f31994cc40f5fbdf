"""When the nightly tuning is due: at a time of day, or as a cron expression says, in a time zone.

Every time at which it is due is a slot, with a key that says which one; a time of day that the clocks pass twice is one
slot, one that they leave out is due at the time that stands there instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sllm_core.clock.crontab import following

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_DAY = timedelta(days=1)

Next = Callable[[datetime], datetime | None]


@dataclass(frozen=True)
class Slot:
    """A time at which it is due, and the key under which it is claimed: the same on all machines of a zone."""

    at: datetime
    key: str


def check_schedule(when: str) -> str:
    """What a schedule can be made of.

    Raises:
        ValueError: it is neither a time of day nor a cron expression, or never comes.
    """
    if Schedule(when, "UTC").after(datetime(2024, 1, 1, tzinfo=UTC)) is None:
        raise ValueError("this never comes")
    return when


class Schedule:
    """The slots of a time of day (02:00), which has one a date, or of a cron expression (0 2 * * sun).

    Raises:
        ValueError: it is neither.
    """

    def __init__(self, when: str, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        found = _TIME.fullmatch(when.strip())
        self._time = time(int(found[1]), int(found[2])) if found else None
        self._next: Next = self._of_day if found else following(when, self.zone)

    def after(self, moment: datetime) -> Slot | None:
        """The first slot after a moment; None if there is none any more."""
        at = self._next(moment)
        return None if at is None else self._slot(at)

    def latest(self, moment: datetime, within: timedelta) -> Slot | None:
        """The last slot up to a moment that is not longer ago than `within`."""
        found, slot = None, self.after(moment - within - timedelta(microseconds=1))
        while slot is not None and slot.at <= moment:
            found, slot = slot, self.after(slot.at)
        return found

    def _slot(self, at: datetime) -> Slot:
        whole = at.astimezone(UTC)
        local = whole.astimezone(self.zone)
        return Slot(whole, f"tune-{local:%Y-%m-%d}" if self._time else f"tune-{local:%Y-%m-%dT%H:%M}")

    def _of_day(self, moment: datetime) -> datetime | None:
        assert self._time is not None, "it is a time of day"
        date = moment.astimezone(self.zone).date() - _DAY
        while True:
            at = datetime.combine(date, self._time, self.zone).astimezone(UTC)
            if at > moment:
                return at
            date += _DAY
