"""What came out: the records that the findings count, the poison in the dead-letter topic, and what is not read yet."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from elasticsearch_server import documents
from kafka_server import lag, messages
from traffic import Traffic

COUNTING = ("sentiment", "summary")
"""The analyzers that say of each window how many records it has."""

NUMBER = re.compile(rb"poison (\d{9})")

Cells = Counter[tuple[int, str]]
"""Records by partition and start of the window."""


@dataclass(frozen=True)
class Account:
    """How the findings stand beside what was sent; `analyzers` has what each of COUNTING counted, by cell.

    `stray` are dead letters that are no poison.
    """

    traffic: Traffic
    analyzers: Mapping[str, Cells]
    dead: frozenset[int] = frozenset()
    lag: int = 0
    stray: tuple[str, ...] = field(default=())

    @property
    def lost(self) -> int:
        """Good records that an analyzer counted too few, and poison that is not among the dead letters."""
        return max(self._too_few(each) for each in self.analyzers.values()) + len(self.traffic.poison - self.dead)

    @property
    def doubled(self) -> int:
        """Records that an analyzer counted too many, good ones among the dead letters included."""
        return max(self._too_many(each) for each in self.analyzers.values()) + len(self.dead - self.traffic.poison)

    @property
    def holds(self) -> bool:
        """Whether nothing is lost, nothing doubled, nothing unread."""
        return not (self.lost or self.doubled or self.lag or self.stray)

    def __str__(self) -> str:
        return "; ".join(self._told()) or "all is counted once"

    def _told(self) -> Iterable[str]:
        for name, counted in self.analyzers.items():
            wrong = {
                cell: (counted[cell], self.traffic.cells[cell])
                for cell in sorted({*counted, *self.traffic.cells})
                if counted[cell] != self.traffic.cells[cell]
            }
            if wrong:
                yield f"{name} is wrong in {len(wrong)} cells (counted, sent): {dict(list(wrong.items())[:8])}"
        if missing := sorted(self.traffic.poison - self.dead):
            yield f"no dead letters: {missing[:8]} of {len(missing)}"
        if good := sorted(self.dead - self.traffic.poison):
            yield f"good records among the dead letters: {good[:8]} of {len(good)}"
        if self.lag:
            yield f"lag {self.lag}"
        if self.stray:
            yield f"dead letters that are no poison: {self.stray[:4]} of {len(self.stray)}"

    def _too_few(self, counted: Cells) -> int:
        return (self.traffic.cells - counted).total()

    def _too_many(self, counted: Cells) -> int:
        return (counted - self.traffic.cells).total()


def account(traffic: Traffic, bootstrap: str, topic: str, group: str, url: str, index: str) -> Account:
    """What the servers hold of the traffic."""
    found = [each["_source"]["sllm"] for each in documents(url, f"{index}-*")]
    letters = messages(bootstrap, f"{topic}.dlq")
    numbers = [(each, NUMBER.search(each.value or b"")) for each in letters]
    dead = frozenset(int(match[1]) for _, match in numbers if match)
    stray = tuple(f"{each.value!r:.80} {dict(each.headers)}" for each, match in numbers if not match)
    return Account(traffic, cells_of(found, topic), dead, lag(bootstrap, group, topic), stray)


def cells_of(findings: Iterable[Mapping[str, Any]], topic: str) -> dict[str, Cells]:
    """The records that each of COUNTING counted, by cell; `findings` are what documents have under `sllm`.

    A window that was idle before it was over has several findings, which add up.
    """
    counted = {name: Cells() for name in COUNTING}
    for each in findings:
        if each["analyzer"] in counted:
            partition = int(each["source"]["shard"].removeprefix(f"{topic}-"))
            counted[each["analyzer"]][partition, each["window"]["start"][:19]] += each["count"]
    return counted
