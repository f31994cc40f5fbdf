"""Which window of time is read next: up to the end, or up to where documents can be found by now."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Schedule:
    """All times are milliseconds since 1970.

    Args:
        end: where reading ends; None: never.
        window: how much is read at once; `least` how much is worth a search while waiting for more.
    """

    end: int | None
    window: int
    least: int

    def is_over(self, position: int) -> bool:
        return self.end is not None and position >= self.end

    def bound(self, horizon: int) -> int:
        """Up to where may be read, if everything before `horizon` can be found."""
        return horizon if self.end is None else min(self.end, horizon)

    def until(self, position: int, horizon: int) -> int | None:
        """Where the window that begins at the position ends; None: it is too early to read on."""
        bound = self.bound(horizon)
        until = min(position + self.window, bound)
        enough = until - position >= min(self.least, self.window) or until == self.end
        return until if enough and until > position else None


def planned_end(until: int | None, follow: bool, now: int, horizon: int) -> int | None:
    """Where reading ends that was to end at `until` (None: now).

    What has ended by now is read to its end, even if that takes the time until all of it can be found.
    """
    if follow or (until is not None and until <= now):
        return until
    return horizon
