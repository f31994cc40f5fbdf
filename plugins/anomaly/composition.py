"""An issue, composed of the patterns of one episode and, where they belong to it, of answers that fail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np

from sllm_core.classifier import NOBODY
from sllm_core.findings import pattern_name
from sllm_core.summaries.issues import SERVER_ERROR
from sllm_core.summaries.window_counts import Ints

from .answers import Outage
from .baseline import FEW
from .evidence import CRITICAL, EFFECT, role_of
from .issue import Example, Issue, Share
from .observation import LABELS
from .root import Part, ranked_kinds, target
from .selection import Selection

LISTED = 50
"""How many patterns of an issue its facts list."""

SERVICES = 20


@dataclass(frozen=True)
class Composition:
    """The patterns at the positions `gathered`, and the answers that fail."""

    chosen: Selection
    gathered: Ints
    failing: Outage | None

    @cached_property
    def members(self) -> Ints:
        """The positions, the worst first."""
        return self.gathered[np.argsort(-self.chosen.found.score[self.gathered], kind="stable")]

    @cached_property
    def label(self) -> int:
        """The worst label."""
        worst = int(self.chosen.found.label[self.members].max(initial=0))
        return max(worst, self.failing.label) if self.failing else worst

    @property
    def weight(self) -> tuple[int, float]:
        """How bad it is: its label, then its score; one more where answers fail."""
        return self.label, float(self.chosen.found.score[self.members].max(initial=0)) + (self.failing is not None)

    @cached_property
    def slots(self) -> Ints:
        """The records in each sixtieth of the window."""
        slots: Ints = self.chosen.seen.slots[self.members].sum(axis=0)
        return slots + self.failing.slots if self.failing else slots

    def issue(self) -> Issue:
        """The issue with its figures."""
        seen, found, members = self.chosen.seen, self.chosen.found, self.members
        patterns = tuple(seen.baseline.patterns[members].tolist())
        kinds = ranked_kinds(self._parts)
        first, last = self._span()
        return Issue(
            label=LABELS[self.label],
            kinds=kinds,
            target=target(self._parts, next(iter(kinds))),
            position=pattern_name(min(patterns)) if patterns else SERVER_ERROR,
            patterns=patterns or tuple(self.failing.patterns if self.failing else ()),
            count=int(seen.affected[members].sum()) + (self.failing.failures if self.failing else 0),
            first=first,
            last=last,
            slots=tuple(self.slots.tolist()),
            services=self._services(),
            reasons=self._reasons(),
            examples=self._examples(list(kinds)),
            confidence=self._confidence(),
            by_rules=bool(found.by_rules[members].all()),
            by_model=self._by_model,
            labeller=NOBODY if self._deciding is None else int(self.chosen.seen.labeller[self._deciding]),
            usual=round(float(seen.baseline.usual[members].sum()), 1) if seen.baseline.windows >= FEW else None,
            unseen=int(seen.new[members].sum()),
            share=Share(self.failing.failures, self.failing.answers) if self.failing else None,
            pattern_facts=tuple(self._pattern_facts(each) for each in members[:LISTED].tolist()),
        )

    @cached_property
    def _parts(self) -> list[Part]:
        return [*map(self._part, self.members.tolist()), *self._failing_part()]

    def _part(self, member: int) -> Part:
        kind, slots = self.chosen.kind[member], self.chosen.seen.slots[member]
        return Part(
            kind=kind,
            role=role_of(kind),
            count=int(self.chosen.seen.affected[member]),
            begin=int((slots > 0).argmax()),
            label=int(self.chosen.found.label[member]),
            template=self.chosen.text[member],
        )

    def _failing_part(self) -> Iterator[Part]:
        if self.failing:
            begin = int((self.failing.slots > 0).argmax())
            yield Part(SERVER_ERROR, EFFECT, self.failing.failures, begin, self.failing.label)

    def _examples(self, kinds: list[str]) -> tuple[Example, ...]:
        """One of each kind, the root's first, then the next of each."""
        rank: dict[str, int] = {}
        ordered: list[tuple[int, int, Example]] = []
        for kind, example in [*self._own_examples(), *self._failing_examples()]:
            rank[kind] = rank.get(kind, 0) + 1
            ordered.append((rank[kind], kinds.index(kind) if kind in kinds else len(kinds), example))
        return tuple(example for *_, example in sorted(ordered, key=lambda each: each[:2]))

    def _own_examples(self) -> Iterator[tuple[str, Example]]:
        for member in self.members.tolist():
            if example := self.chosen.examples.get(int(self.chosen.seen.baseline.patterns[member])):
                yield self.chosen.kind[member], example

    def _failing_examples(self) -> Iterator[tuple[str, Example]]:
        yield from ((SERVER_ERROR, each) for each in (self.failing.examples if self.failing else ()))

    def _reasons(self) -> tuple[str, ...]:
        named = [name for each in self.members.tolist() for name in self.chosen.found.reasons.of(each)]
        return tuple(dict.fromkeys([*named, *(["answers"] if self.failing else [])]))

    @cached_property
    def _deciding(self) -> int | None:
        """The first pattern that is as bad as the issue by its verdict; None where none is."""
        found = self.chosen.found
        bad = self.members[found.label[self.members] == self.label].tolist()
        return next((each for each in bad if not found.by_rules[each]), None)

    @property
    def _by_model(self) -> bool:
        return self._deciding is not None and bool(self.chosen.seen.by_model[self._deciding])

    def _confidence(self) -> float | None:
        """The probability of the deciding pattern; None where there is none, or only its label is known."""
        seen, deciding = self.chosen.seen, self._deciding
        if deciding is None or seen.unsure[deciding]:
            return None
        return round(float((seen.critical if self.label == CRITICAL else seen.problem)[deciding]), 4)

    def _span(self) -> tuple[datetime, datetime]:
        """The first record and the start of the last slot with one; the whole window where there is none."""
        counted, active = self.chosen.seen.counted, np.flatnonzero(self.slots)
        if not len(active):
            return counted.start, counted.end
        begin = counted.moment(int(active[0]))
        examples = [*self._own_examples(), *self._failing_examples()]
        times = [each.timestamp.astimezone(counted.start.tzinfo) for _, each in examples if each.timestamp is not None]
        first = min((each for each in times if each >= begin), default=begin)
        return first, max(first, counted.moment(int(active[-1])), *([self.failing.last] if self.failing else []))

    def _services(self) -> tuple[str, ...]:
        """Those that logged it, the most frequent first."""
        names, totals = self.chosen.seen.counted.services, self.chosen.services[self.members].sum(axis=0)
        ranked = np.argsort(-totals, kind="stable")[:SERVICES].tolist()
        failing = self.failing.services if self.failing else ()
        return tuple(dict.fromkeys([*(names[each] for each in ranked if totals[each]), *failing]))[:SERVICES]

    def _pattern_facts(self, member: int) -> dict[str, Any]:
        seen = self.chosen.seen
        pattern, usual = int(seen.baseline.patterns[member]), seen.baseline
        return {
            "id": pattern_name(pattern),
            "template": self.chosen.text[member],
            "kind": self.chosen.kind[member],
            "count": int(seen.affected[member]),
            "usual": round(float(usual.usual[member]), 1) if usual.windows >= FEW else None,
            "new": bool(seen.new[member]),
            "level": seen.level(member),
            "problem": round(float(seen.problem[member]), 4),
        }
