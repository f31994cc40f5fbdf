"""The embedded classifier as a judge."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sllm_core.classifier import Judgement, Verdicts
from sllm_core.evaluation.data import Row
from sllm_core.evaluation.judge import Advance, Answer, Costs, Prediction, numbered

NAME = "embedded"


class EmbeddedJudge:
    """What `sllm analyze` says without a model: one verdict for each pattern and level."""

    name = NAME

    def __init__(self, verdicts: Verdicts) -> None:
        self._verdicts = verdicts

    @property
    def version(self) -> str:
        return self._verdicts.version

    @property
    def costs(self) -> Costs:
        return Costs()

    async def judge(self, rows: Sequence[Row], advance: Advance) -> list[Prediction]:
        kinds, firsts = numbered([(each.pattern, each.level) for each in rows])
        ids = np.array([rows[first].pattern for first in firsts], np.uint64)
        found = predictions(self._verdicts.judge(ids, [rows[first].level for first in firsts]))
        advance(len(rows), len(rows))
        return [found[kind] for kind in kinds]


def predictions(judgement: Judgement) -> list[Prediction]:
    """What the probabilities of a judgement say."""
    columns = zip(judgement.sentiment, judgement.severity, judgement.problem.tolist(), strict=True)
    return [Prediction(_likeliest(feeling), _likeliest(grade), problem) for feeling, grade, problem in columns]


def _likeliest(probabilities: NDArray[np.float32]) -> Answer:
    return Answer(int(probabilities.argmax()), float(probabilities.max()))
