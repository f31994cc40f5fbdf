"""What models said of patterns, by the version of the model."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sllm_core.classifier.judgement import SEVERITIES
from sllm_core.models.verdict import ModelVerdict
from sllm_core.store.database import signed, unsigned

Resolve = Callable[[NDArray[np.uint64]], NDArray[np.uint64]]
NO_ODDS = (None, None, None)


def save(connection: sqlite3.Connection, model: str, verdicts: Iterable[ModelVerdict], now: int) -> None:
    """Keep the verdicts of a model, in the place of those that it gave before."""
    connection.executemany(
        "INSERT OR REPLACE INTO verdicts (model, stored, pattern, sentiment, severity, positive, neutral, negative,"
        " normal, warning, critical) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ((model, now, *_row(each)) for each in verdicts),
    )


def _row(verdict: ModelVerdict) -> tuple[Any, ...]:
    odds = (*(verdict.sentiment_odds or NO_ODDS), *(verdict.severity_odds or NO_ODDS))
    return (signed(verdict.pattern), verdict.sentiment, verdict.severity, *odds)


def load(connection: sqlite3.Connection, model: str) -> list[ModelVerdict]:
    """The verdicts of a model by the ids that they were given for, oldest first."""
    rows = connection.execute(
        "SELECT pattern, sentiment, severity, positive, neutral, negative, normal, warning, critical FROM verdicts"
        " WHERE model = ? ORDER BY stored, pattern",
        (model,),
    )
    return [
        ModelVerdict(unsigned(pattern), sentiment, severity, _odds(odds[:3]), _odds(odds[3:]))
        for pattern, sentiment, severity, *odds in rows
    ]


def _odds(values: Sequence[float | None]) -> tuple[float, float, float] | None:
    first, second, third = values
    return None if first is None or second is None or third is None else (first, second, third)


def settled(verdicts: Sequence[ModelVerdict], resolve: Resolve) -> list[ModelVerdict]:
    """One verdict for each pattern by the ids that theirs lead to now.

    Of several, that on the pattern itself; else the most severe of those on patterns that gave way to it.
    """
    now = resolve(np.array([each.pattern for each in verdicts], np.uint64)).tolist()
    chosen: dict[int, tuple[tuple[bool, bool, int], ModelVerdict]] = {}
    for pattern, verdict in zip(now, verdicts, strict=True):
        weight = (verdict.severity is not None, verdict.pattern == pattern, _rank(verdict.severity))
        if pattern not in chosen or weight >= chosen[pattern][0]:
            chosen[pattern] = weight, verdict
    return [replace(verdict, pattern=pattern) for pattern, (_, verdict) in chosen.items()]


def _rank(severity: str | None) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else -1


def forget(connection: sqlite3.Connection, before: int) -> None:
    """Remove verdicts on forgotten patterns, and of models that have given none since that time, save the latest."""
    latest = "SELECT model FROM verdicts ORDER BY stored DESC LIMIT 1"
    recent = f"SELECT model FROM verdicts WHERE stored >= :before UNION SELECT * FROM ({latest})"
    connection.execute(
        f"DELETE FROM verdicts WHERE stored < :before AND (model NOT IN ({recent})"
        " OR pattern NOT IN (SELECT id FROM patterns))",
        {"before": before},
    )
