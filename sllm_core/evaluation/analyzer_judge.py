"""An analyzer of a plugin as a judge: each kind of row is a record alone in its window; findings are answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import numpy as np
import pyarrow as pa

from sllm_core.components import Analyzer
from sllm_core.evaluation.data import SOURCE, Row
from sllm_core.evaluation.judge import Advance, Answer, Costs, Prediction, numbered
from sllm_core.evaluation.labels import LABELS, QUESTIONS, Question
from sllm_core.evaluation.meaning import Meaning
from sllm_core.findings import Finding
from sllm_core.moments import microseconds
from sllm_core.patterns import PatternTable
from sllm_core.plugin import PluginError
from sllm_core.records import TIMESTAMP, LogBatch, records_table
from sllm_core.tally import Tally
from sllm_core.windows import Key

BATCH = 500
"""How many records, each with its window, an analyzer is handed at once."""

_START = datetime(2026, 1, 1, tzinfo=UTC)
_WIDTH = timedelta(hours=1)
_SILENT: Mapping[Question, int] = MappingProxyType({"sentiment": 1, "severity": 0})


class AnalyzerJudge:
    """Asks an analyzer about one record for each pattern and level; with several findings on one, the worst counts.

    A finding is about the record whose window it names, or whose origin is in its evidence. A record that an analyzer
    says nothing about is normal, or neutral. `patterns` is the table of the context that the analyzer was made with.
    """

    costs = Costs()

    def __init__(self, analyzer: Analyzer, patterns: PatternTable, version: str, meaning: Meaning) -> None:
        self.name, self.version = analyzer.name, version
        self._analyzer, self._patterns, self._meaning = analyzer, patterns, meaning

    async def judge(self, rows: Sequence[Row], advance: Advance) -> list[Prediction]:
        kinds, firsts = numbered([(each.pattern, each.level) for each in rows])
        findings = await self._findings([rows[first] for first in firsts], advance)
        answers = self._answers(findings, len(firsts))
        found = [_prediction(each) for each in answers]
        return [found[kind] for kind in kinds]

    async def _findings(self, rows: Sequence[Row], advance: Advance) -> list[Finding]:
        found: list[Finding] = []
        messages = pa.array([each.message for each in rows], pa.string())
        self._patterns.assign(SOURCE, messages)
        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            found += await self._analyze(_batch(part, start, self._patterns))
            advance(start + len(part), len(rows))
        ended = _batch([], 0, self._patterns)
        return [*found, *await self._analyze(LogBatch(ended.source, ended.shard, ended.records, last=True))]

    async def _analyze(self, batch: LogBatch) -> Sequence[Finding]:
        try:
            return await self._analyzer.analyze(batch)
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            raise PluginError(f"the analyzer '{self.name}' failed, so it cannot be measured: {what}") from error

    def _answers(self, findings: Iterable[Finding], rows: int) -> list[dict[Question, Answer]]:
        told = [(row, finding) for finding in findings if (row := _row_of(finding)) is not None and row < rows]
        said = [(row, *self._understood(finding), finding.confidence) for row, finding in told]
        questions = {question for _, question, _, _ in said} or ({self._meaning.question} - {None})
        if not questions:
            raise PluginError(f"the analyzer '{self.name}' said nothing about any row; {self._hint('severity')}")
        answers: list[dict[Question, Answer]] = [{} for _ in range(rows)]
        for row, question, place, confidence in said:
            before = answers[row].get(question)
            if before is None or _badness(question, place) > _badness(question, before.label):
                answers[row][question] = Answer(place, confidence)
        silent = {question: Answer(_SILENT[question]) for question in questions if question}
        return [silent | each for each in answers]

    def _understood(self, finding: Finding) -> tuple[Question, int]:
        meant = self._meaning.of(finding.label)
        if meant is None:
            known = " nor ".join(", ".join(LABELS[each]) for each in QUESTIONS)
            what = f"the analyzer '{self.name}' says {finding.label!r}, which is neither of {known}"
            raise PluginError(f"{what}; {self._hint('severity', finding.label)}")
        return meant

    def _hint(self, question: Question, label: str = "") -> str:
        meaning = f":{label}={LABELS[question][1]}" if label else ""
        return f"say what it answers: --column {self.name}={question}{meaning}"


def _badness(question: Question, place: int) -> int:
    """How bad a label is: critical over warning over normal; negative over positive over neutral."""
    return place if question == "severity" else (1, 0, 2)[place]


def _prediction(answers: Mapping[Question, Answer]) -> Prediction:
    severity = answers.get("severity")
    return Prediction(answers.get("sentiment"), severity, None if severity is None else _problem(severity))


def _problem(severity: Answer) -> float:
    if severity.confidence is None:
        return severity.label / 2
    return severity.confidence if severity.label else 1 - severity.confidence


def _row_of(finding: Finding) -> int | None:
    if finding.window is not None and finding.window[1] - finding.window[0] == _WIDTH:
        place, rest = divmod(finding.window[0] - _START, _WIDTH)
        return None if rest else place
    return next(_origins(finding.evidence), None)


def _origins(evidence: Iterable[str]) -> Iterator[int]:
    for each in evidence:
        source, _, place = each.rpartition("@")
        if source == SOURCE and place.isdecimal():
            yield int(place)


def _batch(rows: Sequence[Row], first: int, patterns: PatternTable) -> LogBatch:
    """A batch of records, each alone in its window of an hour, which it closes."""
    width = _WIDTH // timedelta(microseconds=1)
    begin = microseconds(_START) + width * np.arange(first, first + len(rows), dtype=np.int64)
    columns = {
        "origin": [f"{SOURCE}@{first + place}" for place in range(len(rows))],
        "timestamp": pa.array(begin).cast(TIMESTAMP),
        "message": [each.message for each in rows],
        "level": pa.array([each.level for each in rows], pa.string()),
        "line": list(range(first + 1, first + len(rows) + 1)),
    }
    table = records_table(columns, len(rows))
    table = table.append_column("pattern", pa.array(patterns.assign(SOURCE, table["message"]), pa.uint64()))
    table = table.append_column("window", pa.array(begin).cast(TIMESTAMP))
    tally = Tally(width)
    tally.add(LogBatch(SOURCE, SOURCE, table), begin, begin * 0, begin)
    return LogBatch(SOURCE, SOURCE, table, closes=tuple(tally.close([Key(each, 0) for each in begin.tolist()])))
