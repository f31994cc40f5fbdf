"""What a message tells of one trouble, in values that JSON can hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

NORMAL, WARNING, CRITICAL = range(3)
LABELS = ("normal", "warning", "critical")
"""The labels of findings that tell how bad something is, ascending; others (`negative`) count as normal."""

LISTED = 20
"""How many services and shards are kept for each trouble."""

PLACES = 500
"""For how many windows of shards it is known that they are counted already."""


def severity(label: str) -> int:
    """NORMAL, WARNING or CRITICAL."""
    return LABELS.index(label) if label in LABELS else NORMAL


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One entry of a message. All texts are harmless already; times are in seconds since 1970.

    `kind` says whether trouble is there, is over, or was none after all (`withdrawn`). `key` tells what counts as the
    same trouble. `since` is when the entry began to wait, `held` what kept it back then (quiet, rate). `id` is that of
    the finding; `places` are the windows of shards whose records are in `count`; `again` is how often the same was
    found without being told since it was told last; `before` the severity that was told; `over` since when it is over.
    """

    kind: Literal["alert", "over", "withdrawn"]
    key: str
    severity: int
    since: float
    id: str
    name: str
    source: str
    others: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    shards: tuple[str, ...] = ()
    first: float | None = None
    last: float | None = None
    count: int = 0
    usual: float | None = None
    new: bool = False
    examples: tuple[str, ...] = ()
    text: str = ""
    places: tuple[str, ...] = ()
    again: int = 0
    before: int = NORMAL
    over: float | None = None
    held: str = ""

    def merged(self, other: Notice) -> Notice:
        """This entry with what another finding says of the same trouble.

        Of a window of a shard that is counted already, only how severe it is counts.
        """
        worse = other.severity > self.severity
        entry = replace(self, severity=max(self.severity, other.severity), id=other.id if worse else self.id)
        if self.counts(other):
            return entry
        return replace(
            entry,
            services=_joined(self.services, other.services),
            shards=_joined(self.shards, other.shards),
            first=min((each for each in (self.first, other.first) if each is not None), default=None),
            last=max((each for each in (self.last, other.last) if each is not None), default=None),
            count=self.count + other.count,
            usual=None if self.usual is None or other.usual is None else self.usual + other.usual,
            new=self.new and other.new,
            places=tuple(dict.fromkeys([*self.places, *other.places]))[-PLACES:],
            over=None,
        )

    def counts(self, other: Notice) -> bool:
        """Whether the windows of another entry are counted here."""
        return not set(other.places).isdisjoint(self.places)


def _joined(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*one, *other]))[:LISTED]
