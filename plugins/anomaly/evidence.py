"""How much it takes for records to count as trouble: by their level, the kind of trouble and their number."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sllm_core.records import LEVELS
from sllm_core.summaries.issues import catalogue
from sllm_core.summaries.window_counts import ERROR, MISSING, WARN, Ids, Ints, Pairs

from . import AnomalyConfig
from .baseline import Flags, Floats

CAUSE, FAULT, EFFECT, OTHER, EVERYDAY, UNKNOWN, ANSWER = range(7)
ROLES = ("cause", "fault", "effect", "other", "everyday")
"""The roles of the catalogue's issues, in the order of their codes. UNKNOWN: no issue's words; ANSWER: an access log's
line, whose words say nothing about how the request ended."""

NORMAL, WARNING, CRITICAL = 0, 1, 2

FATAL_NEEDS, ERROR_NEEDS = 0.4, 0.5
"""What a level of FATAL or ERROR leaves of the probability that is needed."""

KNOWN_PATTERNS = 200_000
"""For how many patterns the role is remembered; beyond that, it is found again."""

NOVELTY = 0.15
"""What novelty adds to the problem probability where new patterns are rare."""

FATAL = LEVELS.index("FATAL")


def suspects(pairs: Pairs, severity: NDArray[np.floating], config: AnomalyConfig) -> Flags:
    """Which pairs of pattern and level could be trouble, whatever their kind and number."""
    level, threshold = pairs.level, config.warning
    needs = [FATAL_NEEDS * threshold, ERROR_NEEDS * threshold, threshold - NOVELTY, threshold - NOVELTY]
    needed = np.select([level == FATAL, level == ERROR, level == WARN, level == MISSING], needs, threshold)
    found: Flags = 1 - severity[:, 0] >= needed
    return found


class Roles:
    """The roles of patterns, found by their templates and remembered.

    `answers` tells whether the messages of a pattern show the status of an answer.
    """

    def __init__(self, template: Callable[[int], str], answers: Callable[[int], bool]) -> None:
        self._template, self._answers = template, answers
        self._known: dict[int, int] = {}

    def of(self, patterns: Ids, asked: Flags) -> Ints:
        """The role of each pattern, UNKNOWN where it is not asked for."""
        found = np.full(len(patterns), UNKNOWN, dtype=np.int64)
        found[asked] = [self._role(each) for each in patterns[asked].tolist()]
        return found

    def _role(self, pattern: int) -> int:
        if pattern not in self._known:
            if len(self._known) >= KNOWN_PATTERNS:
                self._known = {}
            issue = catalogue().match(self._template(pattern))
            plain = ANSWER if issue is None and self._answers(pattern) else UNKNOWN
            self._known[pattern] = plain if issue is None else ROLES.index(issue.role)
        return self._known[pattern]


def pair_labels(pairs: Pairs, severity: NDArray[np.floating], role: Ints, config: AnomalyConfig) -> Ints:
    """NORMAL, WARNING or CRITICAL for each pair of pattern and level; `severity` (n, 3) and `role` (n,) are theirs."""
    problem = 1 - severity[:, 0]
    warning = problem >= _needed(pairs, role, config)
    quiet = (pairs.level != MISSING) & (pairs.level < WARN)
    doubtful = (pairs.level == WARN) | ((pairs.level == MISSING) & (role == UNKNOWN))
    critical = severity[:, 2] >= np.where(doubtful, _raised(config.critical, 2), config.critical)
    labels: Ints = np.where(warning & critical & ~quiet, CRITICAL, np.where(warning, WARNING, NORMAL)).astype(np.int64)
    return labels


def _needed(pairs: Pairs, role: Ints, config: AnomalyConfig) -> Floats:
    """The problem probability from which records are a warning.

    A level of ERROR needs less. One of WARN, or none, needs a known kind of trouble, or more of both probability and
    number; what is everyday needs number. Below WARN the developer meant no trouble, so it needs yet more.
    """
    level, threshold = pairs.level, config.warning
    several, many = pairs.count >= config.least / 4, pairs.count >= config.least / 2
    strange = np.where(several, _raised(threshold, 2), np.inf)
    everyday = np.where(many, threshold, np.inf)
    plain = np.select([role <= OTHER, role == EVERYDAY], [np.full(len(level), threshold), everyday], strange)
    loud = np.where(role == EVERYDAY, threshold, ERROR_NEEDS * threshold)
    quiet = np.where(role == UNKNOWN, _raised(strange, 4), _raised(plain, 2))
    needed = np.select([level == FATAL, level == ERROR, level >= WARN], [FATAL_NEEDS * threshold, loud, plain], quiet)
    needed = np.where(level == MISSING, plain, needed)
    return np.where(role == ANSWER, np.inf, needed)


def _raised(threshold: Floats | float, divisor: int) -> Floats:
    """A threshold that leaves only a part of the rest up to 1; what is out of reach stays so."""
    raised: Floats = np.where(np.isinf(threshold), np.inf, 1 - (1 - np.minimum(threshold, 1)) / divisor)
    return raised


def role_of(kind: str) -> int:
    """The role of a kind of trouble, UNKNOWN where the catalogue does not have it."""
    issue = catalogue().known(kind)
    return ROLES.index(issue.role) if issue else UNKNOWN
