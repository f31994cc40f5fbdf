"""The best that versions have reached on what does not change, so that small losses do not add up over versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sllm_core.learning.versions import Version

SERVED = ("promoted", "retired")
"""States of versions that held once."""


@dataclass(frozen=True)
class Best:
    """Macro-F1 of a version on a suite of messages, which its digest names."""

    version: str
    suite: str
    score: float


def best_scores(versions: Iterable[Version], tuner: str) -> dict[tuple[str, str], Best]:
    """By task and suite the best of the versions of a tuner that held once, and of what each was measured beside."""
    best: dict[tuple[str, str], Best] = {}
    for version in versions:
        if version.tuner != tuner or version.state not in SERVED:
            continue
        for task, figures in (version.report.get("regression") or {}).items():
            for name, score in ((version.base, "incumbent"), (version.name, "candidate")):
                _enter(best, task, str(name), figures, score)
    return best


def _enter(
    best: dict[tuple[str, str], Best], task: str, version: str, figures: Mapping[str, object], score: str
) -> None:
    suite, value = figures.get("suite"), figures.get(score)
    if not isinstance(suite, str) or not isinstance(value, int | float):
        return
    known = best.get((task, suite))
    if known is None or value > known.score:
        best[task, suite] = Best(version, suite, float(value))
