"""What stands out in a window, with the text and the kind of trouble of each pattern."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sllm_core.summaries.issues import catalogue
from sllm_core.summaries.window_counts import MISSING, Ints

from .candidates import Candidates
from .issue import Example
from .observation import Observation

COMPARED = 500
"""How many characters of a template are looked at."""


@dataclass(frozen=True)
class Selection:
    """The candidates of a window; `text` and `kind` by their positions, `examples` by their ids."""

    seen: Observation
    found: Candidates
    examples: Mapping[int, Example]
    text: Mapping[int, str]
    kind: Mapping[int, str]

    @cached_property
    def services(self) -> Ints:
        """The records of each of the observed patterns in each service, (n, s)."""
        t, size = self.seen.counted, len(self.seen.counted.services)
        place = self.seen.place[t.pattern] * size + t.service
        shape = (len(self.seen.baseline.patterns), size)
        return t.total(place, shape[0] * size, t.service != MISSING).reshape(shape)

    def texts(self, members: Ints) -> list[str]:
        """The templates at the positions."""
        return [self.text[each] for each in members.tolist()]

    def kinds(self, members: Ints) -> list[str]:
        """The kinds of trouble at the positions."""
        return [self.kind[each] for each in members.tolist()]


def without_failing(seen: Observation, found: Candidates, failing: Mapping[int, int]) -> Candidates:
    """The candidates less those of whose records half or more are counted among the answers with 5xx."""
    patterns, counts = seen.baseline.patterns[found.chosen].tolist(), seen.affected[found.chosen].tolist()
    kept = [2 * failing.get(each, 0) < max(count, 1) for each, count in zip(patterns, counts, strict=True)]
    return replace(found, chosen=found.chosen[np.array(kept, dtype=bool)])


def selection(
    seen: Observation, found: Candidates, examples: Mapping[int, Example], template: Callable[[int], str]
) -> Selection:
    """The candidates with what their templates say."""
    positions = found.chosen.tolist()
    text = {each: template(int(seen.baseline.patterns[each]))[:COMPARED] for each in positions}
    return Selection(seen, found, examples, text, {each: catalogue().kind(text[each]) for each in positions})
