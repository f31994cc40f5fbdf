"""A closed window as the anomaly analyzer sees it: one entry for each pattern that it had or should have had."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sllm_core.classifier import NOBODY, Judgement
from sllm_core.records import LEVELS, SLOTS
from sllm_core.summaries.window_counts import MISSING, WARN, Ints, WindowCounts, severities

from . import AnomalyConfig
from .baseline import Baseline, Flags, Floats
from .evidence import ANSWER, CRITICAL, EVERYDAY, NORMAL, UNKNOWN, WARNING, pair_labels

LABELS = ("normal", "warning", "critical")

Value = TypeVar("Value", bound=np.generic)


@dataclass(frozen=True)
class Observation:
    """The counts of a window, the verdicts on its pairs of pattern and level, (n,), and what is usual.

    `unseen` and `role` have one entry for each pattern of the window, all other arrays one for each of
    `baseline.patterns`. `whole` is False where the source ended within the window.
    """

    counted: WindowCounts
    judged: Judgement
    unseen: Flags
    role: Ints
    baseline: Baseline
    config: AnomalyConfig
    whole: bool = True

    @property
    def severity(self) -> NDArray[np.float32]:
        """The probabilities of the severities of each pair, (n, 3)."""
        return self.judged.severity

    @property
    def log_begin(self) -> int:
        """In which slot the first record came."""
        return int(self.counted.slot.min(initial=SLOTS))

    @cached_property
    def place(self) -> Ints:
        """Where the patterns of the window stand among those of the baseline."""
        return np.searchsorted(self.baseline.patterns, self.counted.patterns).astype(np.int64)

    @cached_property
    def roles(self) -> Ints:
        """The role of each pattern; UNKNOWN for those that are missing."""
        roles = np.full(len(self.baseline.patterns), UNKNOWN)
        roles[self.place] = self.role
        return roles

    @cached_property
    def count(self) -> Ints:
        """The records of each pattern, at all levels."""
        return self._spread(self.counted.pattern_counts)

    @cached_property
    def new(self) -> Flags:
        """Which patterns no earlier window had."""
        return self._spread(self.unseen).astype(bool)

    @cached_property
    def slots(self) -> Ints:
        """Records of each pattern in each slot, (n, 60): those that `affected` counts."""
        t, size = self.counted, len(self.counted.patterns)
        bad = (self._pair_label > NORMAL)[t.pairs.of_row]
        chosen = bad | ~(np.bincount(t.pattern, bad, size) > 0)[t.pattern]
        return self._spread(t.total(t.pattern * SLOTS + t.slot, size * SLOTS, chosen).reshape(-1, SLOTS))

    @cached_property
    def _pair_label(self) -> Ints:
        pairs, said = self.counted.pairs, self.judged.severity_author != NOBODY
        labels = pair_labels(pairs, self.severity, self.role[pairs.pattern], self.config)
        return np.where(said, self.severity.argmax(axis=1), labels).astype(np.int64)

    @cached_property
    def _worst_pair(self) -> Ints:
        """The pair of each of the window's patterns that is worst."""
        pattern = self.counted.pairs.pattern
        order = np.lexsort((self.severity[:, 2] - self.severity[:, 0], self._pair_label, pattern))
        return order[np.searchsorted(pattern[order], np.arange(len(self.counted.patterns)), side="right") - 1]

    @cached_property
    def label(self) -> Ints:
        """How bad each pattern is by verdict and level, at the worst of its levels."""
        return self._spread(self._pair_label[self._worst_pair])

    @cached_property
    def minor(self) -> Flags:
        """Which patterns are warnings by their verdict, but too few or too ordinary to be labelled so."""
        minor: Flags = (self.minor_records > 0) & (self.label == NORMAL)
        return minor

    @cached_property
    def minor_records(self) -> Ints:
        """The records of each pattern that are a warning by their verdict and not quietly logged."""
        pairs, loud = self.counted.pairs, (self.counted.pairs.level == MISSING) | (self.counted.pairs.level >= WARN)
        told = loud & (1 - self.severity[:, 0] >= self.config.warning) & (self.role[pairs.pattern] != ANSWER)
        return np.bincount(self.place[pairs.pattern], told * pairs.count, len(self.label)).astype(np.int64)

    @cached_property
    def doubtful(self) -> Floats:
        """The problem probability of patterns that could be trouble if they are new: 0 where everyday, or quietly
        logged and no problem by their verdict."""
        level = self.counted.pairs.level[self._worst_pair]
        quiet = (level != MISSING) & (level < WARN) & (self.problem[self.place] < self.config.warning)
        return np.where(self._spread(quiet | (self.role >= EVERYDAY) & (self.role != UNKNOWN)), 0.0, self.problem)

    @cached_property
    def problem(self) -> Floats:
        """The calibrated probability that each pattern is a problem."""
        return self._spread(1 - self.severity[self._worst_pair, 0].astype(np.float64))

    @cached_property
    def critical(self) -> Floats:
        """The calibrated probability that each pattern is critical."""
        return self._spread(self.severity[self._worst_pair, 2].astype(np.float64))

    @cached_property
    def by_model(self) -> Flags:
        """Which patterns a language model judged."""
        return self._spread(self.judged.by_model[self._worst_pair])

    @cached_property
    def unsure(self) -> Flags:
        """Which patterns have verdicts without probabilities."""
        return self._spread(self.judged.unsure_severity[self._worst_pair])

    @cached_property
    def labeller(self) -> Ints:
        """Who among humans said how bad each pattern is; NOBODY where none did."""
        return self._spread(self.judged.severity_author[self._worst_pair] - NOBODY) + NOBODY

    @cached_property
    def affected(self) -> Ints:
        """The records of each pattern at those of its levels that are a problem; all, where none is."""
        pairs, size = self.counted.pairs, len(self.counted.patterns)
        bad = np.bincount(pairs.pattern, pairs.count * (self._pair_label > NORMAL), size).astype(np.int64)
        return self._spread(np.where(bad > 0, bad, self.counted.pattern_counts))

    def level(self, index: int) -> str | None:
        """The worst level of a pattern."""
        code = int(self.levels[index])
        return None if code == MISSING else LEVELS[code]

    @cached_property
    def levels(self) -> Ints:
        """The worst level of each pattern as a place in LEVELS, MISSING where there is none."""
        levels = np.full(len(self.baseline.patterns), MISSING)
        levels[self.place] = self.counted.pairs.level[self._worst_pair]
        return levels

    @cached_property
    def pair_severity(self) -> Ints:
        """Whether each pair counts as an error, a warning or neither."""
        return severities(self.counted.pairs.level, self.severity, self.config.critical)

    @property
    def errors(self) -> int:
        """The records that count as errors."""
        return int(self.counted.pairs.count[self.pair_severity == CRITICAL].sum())

    @property
    def warnings(self) -> int:
        """The records that count as warnings."""
        return int(self.counted.pairs.count[self.pair_severity == WARNING].sum())

    def _spread(self, values: NDArray[Value]) -> NDArray[Value]:
        result = np.zeros((len(self.baseline.patterns), *values.shape[1:]), dtype=values.dtype)
        result[self.place] = values
        return result
