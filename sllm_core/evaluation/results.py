"""The figures of an evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sllm_core.evaluation.bootstrap import Figure
from sllm_core.evaluation.consistency import Consistency
from sllm_core.evaluation.labels import Question
from sllm_core.evaluation.reliability import Bin
from sllm_core.evaluation.splits import Split

if TYPE_CHECKING:
    from sllm_core.review.judging import Calibrations


@dataclass(frozen=True)
class ClassFigures:
    """One class: `support` is the weight of the rows that have it, `said` that of those that are said to."""

    label: str
    precision: Figure
    recall: Figure
    f1: Figure
    support: float
    said: float


@dataclass(frozen=True)
class Calibration:
    """How far confidences are probabilities: over the rows that the judge itself answered with one."""

    error: Figure
    brier: Figure
    bins: tuple[Bin, ...]


@dataclass(frozen=True)
class Quality:
    """How well one question is answered.

    `confusion` has the truth in rows and what was said in columns, weighted. `answered` is the share by weight that the
    judge answered itself, `answered_macro_f1` the figure over these alone; `sources` macro-F1 by source.
    """

    macro_f1: Figure
    accuracy: Figure
    mcc: Figure
    classes: tuple[ClassFigures, ...]
    confusion: tuple[tuple[float, ...], ...]
    answered: float
    answered_macro_f1: float | None
    calibration: Calibration | None
    sources: Mapping[str, float]


@dataclass(frozen=True)
class Threshold:
    """A score from which on a row is called a problem, fitted on other rows, and how well that does."""

    score: float
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True)
class Problem:
    """How well what is not normal is ranked: the area under the precision-recall curve, and the curve by recall.

    `share` is the share of problems, which is the area of a score that knows nothing.
    """

    area: Figure
    share: float
    recall: tuple[float, ...]
    precision: tuple[float, ...]
    threshold: Threshold | None = None


@dataclass(frozen=True)
class CostFigures:
    """What the judging of `lines` lines cost, and what 10,000 like them would without a cache.

    `p50` and `p95` are seconds of a call, None without calls; `seconds` is the working time for 10,000 lines. What can
    not be known, since all answers came from the cache, is None. `money` is in the unit of the prices.
    """

    calls: int
    hits: int
    failures: int
    prompt_tokens: int
    answer_tokens: int
    p50: float | None
    p95: float | None
    calls_per_10k: float
    seconds_per_10k: float | None
    prompt_tokens_per_10k: float | None
    answer_tokens_per_10k: float | None
    money_per_10k: float | None = None


@dataclass(frozen=True)
class Judged:
    """All figures of a judge; a baseline is one that costs nothing and is there to be beaten.

    `calibrations` are those that were fitted for it, on rows that were not measured; None if none were.
    """

    name: str
    version: str
    baseline: bool
    questions: Mapping[Question, Quality]
    problem: Problem | None
    costs: CostFigures
    calibrations: Calibrations | None = None


@dataclass(frozen=True)
class Difference:
    """How much better the first judge is than another on the same rows.

    `macro_f1` has the interval of the paired bootstrap. `better` and `worse` count the patterns that only the first,
    and only the other, has mostly right; `p` is that of McNemar's exact test of the two (1947), patterns being units.
    """

    question: Question
    first: str
    other: str
    macro_f1: Figure
    better: int
    worse: int
    p: float


@dataclass(frozen=True)
class Measured:
    """The rows that were measured: how many, for how many lines they stand, of how many patterns; labels by question.

    `fitted` is how many other rows were fitted on, `seen` the share of the lines whose patterns are among these too.
    """

    rows: int
    lines: float
    patterns: int
    labels: Mapping[Question, Mapping[str, float]]
    fitted: int = 0
    seen: float = 0.0


@dataclass(frozen=True)
class Evaluation:
    """Judges side by side, baselines last; `resamples` and `seed` are those of the intervals."""

    data: Measured
    consistency: Consistency
    judges: tuple[Judged, ...]
    differences: tuple[Difference, ...]
    split: Split | None
    resamples: int
    seed: int

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions that were measured."""
        return tuple(question for question, labels in self.data.labels.items() if labels)
