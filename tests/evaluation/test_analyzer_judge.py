from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

import pytest

from sllm_core.components import Analyzer
from sllm_core.evaluation.analyzer_judge import BATCH, AnalyzerJudge
from sllm_core.evaluation.data import label_data
from sllm_core.evaluation.judge import Answer, Prediction
from sllm_core.evaluation.meaning import Meaning, parse_meaning
from sllm_core.evaluation.reading import Labelled
from sllm_core.findings import Finding
from sllm_core.patterns import PatternTable
from sllm_core.plugin import PluginError
from sllm_core.records import LogBatch


class Windows:
    """Says of each window whose record names trouble that it is bad; remembers what it was given."""

    name = "windows"

    def __init__(self) -> None:
        self.batches: list[LogBatch] = []

    async def analyze(self, batch: LogBatch) -> Sequence[Finding]:
        self.batches.append(batch)
        messages = batch.records["message"].to_pylist()
        pairs = zip(batch.closes, messages, strict=True)
        return [finding(window=(each.start, each.end)) for each, text in pairs if "trouble" in text]


class Records:
    """Finds what it is told in the record that has the text."""

    name = "records"

    def __init__(self, *labels: str, text: str = "trouble") -> None:
        self._labels, self._text = labels, text

    async def analyze(self, batch: LogBatch) -> Sequence[Finding]:
        rows = batch.records.select(["origin", "message"]).to_pylist()
        chosen = [each["origin"] for each in rows if self._text in each["message"]]
        return [finding(label, evidence=(origin,)) for origin in chosen for label in self._labels]


class Broken:
    name = "broken"

    async def analyze(self, batch: LogBatch) -> Sequence[Finding]:
        raise KeyError("no such thing")


def finding(
    label: str = "critical", window: tuple[datetime, datetime] | None = None, evidence: tuple[str, ...] = ()
) -> Finding:
    return Finding(id="1", analyzer="a", label=label, source="eval", confidence=0.8, window=window, evidence=evidence)


def judged(analyzer: Analyzer, *messages: str, meaning: Meaning | None = None) -> list[Prediction]:
    judge = AnalyzerJudge(analyzer, PatternTable(), "1.0", meaning or Meaning())
    rows = label_data([Labelled(each) for each in messages]).rows
    return asyncio.run(judge.judge(rows, lambda done, total: None))


def test_a_finding_is_about_the_record_in_its_window() -> None:
    found = judged(Windows(), "all is well", "trouble with a", "nothing new")
    assert [each.severity for each in found] == [Answer(0), Answer(2, 0.8), Answer(0)]
    assert [each.problem for each in found] == [0, 0.8, 0]


def test_a_finding_without_window_is_about_its_evidence() -> None:
    assert judged(Records("negative"), "well", "trouble")[1].sentiment == Answer(2, 0.8)


def test_of_several_findings_the_worst_counts() -> None:
    assert judged(Records("warning", "critical", "normal"), "trouble")[0].severity == Answer(2, 0.8)
    assert judged(Records("positive", "neutral"), "trouble")[0].sentiment == Answer(0, 0.8)


def test_own_labels_are_understood_as_the_user_says() -> None:
    found = judged(Records("long"), "trouble", "well", meaning=parse_meaning("severity:long=warning"))
    assert [each.severity for each in found] == [Answer(1, 0.8), Answer(0)]


def test_messages_of_one_pattern_are_one_record() -> None:
    analyzer = Windows()
    judged(analyzer, *(f"trouble with disk {each}" for each in range(30)), "well")
    assert [len(each) for each in analyzer.batches] == [2, 0]
    assert analyzer.batches[-1].last


def test_many_records_come_in_several_batches() -> None:
    analyzer = Windows()
    names = [chr(97 + each // 26) + chr(97 + each % 26) for each in range(676)]
    found = judged(
        analyzer, *(f"{'trouble' if name == 'zz' else name} {'x' * place}" for place, name in enumerate(names))
    )
    assert [len(each) for each in analyzer.batches] == [BATCH, 676 - BATCH, 0]
    assert [place for place, each in enumerate(found) if each.problem] == [675]


@pytest.mark.parametrize(
    ("analyzer", "hint"),
    [
        (Records("long"), "--column records=severity:long=warning"),
        (Records("long", text="nowhere"), "--column records=severity"),
        (Broken(), "KeyError: 'no such thing'"),
    ],
)
def test_what_cannot_be_measured_is_told_with_what_to_do(analyzer: Analyzer, hint: str) -> None:
    with pytest.raises(PluginError) as raised:
        judged(analyzer, "trouble")
    assert hint in str(raised.value)
