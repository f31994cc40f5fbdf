"""An evaluation as it is reported: what was read, what was found, and how its figures are written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sllm_core.evaluation.bootstrap import Figure
from sllm_core.evaluation.labels import QUESTIONS
from sllm_core.evaluation.reading import BadRow
from sllm_core.evaluation.results import Evaluation, Judged, Threshold
from sllm_core.report.evaluation_words import EvaluationWords, evaluation_words
from sllm_core.report.plain import plain
from sllm_core.report.words import Words, words

FEW = 30
"""With fewer patterns than this, the report says that they are few."""

SHOWN = 10
"""How many rows that were left out, and how many contradictions, a report lists."""


@dataclass(frozen=True)
class EvaluationReport:
    """An evaluation of the files `inputs`; `bad` are the rows left out, `mistakes` what is wrong with labels."""

    inputs: tuple[str, ...]
    evaluation: Evaluation
    bad: tuple[BadRow, ...]
    mistakes: tuple[str, ...]
    language: str

    @property
    def words(self) -> EvaluationWords:
        """The words of the language."""
        return evaluation_words(self.language)

    @property
    def general(self) -> Words:
        """The words that all reports share."""
        return words(self.language)

    @property
    def own(self) -> tuple[Judged, ...]:
        """The judges that are measured, without the baselines."""
        return tuple(each for each in self.evaluation.judges if not each.baseline)

    def label(self, name: str) -> str:
        """A sentiment or severity in the language."""
        return self.general.sentiments.get(name, self.general.label(name))

    def facts(self) -> Iterator[str]:
        """What was measured, in a few words each."""
        data, texts = self.evaluation.data, self.words
        yield texts.rows.format(data.rows)
        if data.lines != data.rows:
            yield texts.lines.format(data.lines)
        yield texts.patterns.format(data.patterns)
        split = self.evaluation.split
        yield texts.split.format(split.text, data.fitted, data.rows) if split else texts.all_measured

    def notes(self) -> Iterator[str]:
        """What a reader should know of the data."""
        data, texts, sound = self.evaluation.data, self.words, self.evaluation.consistency
        if data.patterns < FEW:
            yield texts.few.format(data.patterns)
        if self.evaluation.split and data.seen:
            yield texts.seen.format(data.seen)
        if sound.repeated:
            yield texts.repeated.format(sound.repeated)
        if sound.contradictions:
            yield texts.contradictions.format(len(sound.contradictions))
            for question, ceiling in sound.ceiling.items():
                yield f"{texts.question(question)}: {texts.ceiling.format(ceiling)}"
        yield from self._calibrated()
        yield from map(plain, self.mistakes)

    def _calibrated(self) -> Iterator[str]:
        for judge in self.own:
            for question in QUESTIONS if judge.calibrations else ():
                if (found := getattr(judge.calibrations, question)) is not None:
                    yield self.words.calibrated.format(
                        judge=judge.name,
                        question=self.words.question(question),
                        samples=found.samples,
                        temperature=found.temperature,
                    )

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """The patterns that are labelled in several ways, and how, the worst first."""
        for each in self.evaluation.consistency.contradictions[:SHOWN]:
            labels = sorted(each.labels.items(), key=lambda pair: -pair[1])
            yield plain(each.pattern), ", ".join(f"{self.label(label)} {weight:g}" for label, weight in labels)

    def left_out(self) -> Iterator[str]:
        """The first of the rows that were left out."""
        yield from (plain(str(each)) for each in self.bad[:SHOWN])
        if len(self.bad) > SHOWN:
            yield self.words.more.format(len(self.bad) - SHOWN)

    def threshold(self, threshold: Threshold) -> str:
        """What a threshold does."""
        figures = (number(each) for each in (threshold.precision, threshold.recall, threshold.f1))
        return self.words.threshold_of.format(threshold.score, *figures)


def number(value: float | None) -> str:
    """Two decimals; a dash for what is not defined."""
    return "–" if value is None else f"{value:.2f}"


def bounds(figure: Figure, signed: bool = False) -> str:
    """The interval, or nothing where there is none."""
    if figure.low is None or figure.high is None:
        return ""
    return f"{figure.low:+.2f}…{figure.high:+.2f}" if signed else f"{figure.low:.2f}–{figure.high:.2f}"


def amount(value: float | None, digits: int = 0) -> str:
    """A count, cost or number of seconds: as many decimals as tell something; a dash for what is not known."""
    if value is None:
        return "–"
    if 0 < value < 10**-digits * 10:
        return f"{value:.2g}"
    return f"{value:,.{digits}f}"


def p_value(p: float) -> str:
    """`p < .001` or two figures that count."""
    return "< .001" if p < 0.001 else f"{p:.2g}"
