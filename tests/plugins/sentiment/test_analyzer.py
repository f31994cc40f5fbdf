from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pyarrow as pa
import pytest

from sllm_core.classifier import Classifier, Verdicts
from sllm_core.components import Context
from sllm_core.findings import Finding
from sllm_core.patterns import PatternTable
from sllm_core.records import COUNTS, EXAMPLES, RECORDS, LogBatch, Window
from sllm_plugins.sentiment import Sentiment, SentimentConfig

START = datetime(2024, 1, 1, tzinfo=UTC)
BAD, GOOD, PLAIN = "Disk failure: data lost on sdb", "Backup completed successfully", "Loading configuration"

Row = tuple[str, str | None, str | None, int]
"""message, level, service, count"""


def context(language: str = "en") -> Context:
    patterns = PatternTable()
    parts = SimpleNamespace(patterns=patterns, verdicts=Verdicts(Classifier.load, patterns), language=language)
    return cast(Context, parts)


def window(scene: Context, *rows: Row, part: int = 0) -> Window:
    messages = [message for message, *_ in rows]
    ids = scene.patterns.assign("s", pa.array(messages, pa.string())).tolist()
    counts = [
        {"slot": 0, "service": service, "level": level, "pattern": pattern, "count": count}
        for pattern, (_, level, service, count) in zip(ids, rows, strict=True)
    ]
    examples = [
        {"pattern": pattern, "origin": f"s@{place}", "timestamp": START, "message": message}
        for place, (pattern, message) in enumerate(zip(ids, messages, strict=True))
    ]
    tables = pa.Table.from_pylist(counts, COUNTS), pa.Table.from_pylist(examples, EXAMPLES)
    return Window(START, START + timedelta(hours=1), part, *tables)


def analyze(scene: Context, *windows: Window, **options: int) -> Sequence[Finding]:
    [analyzer] = Sentiment("sentiment", SentimentConfig(**options)).sllm_analyzers(scene)
    batch = LogBatch("s", "0", RECORDS.empty_table(), closes=windows)
    return asyncio.run(analyzer.analyze(batch))


def judged(*rows: Row, language: str = "en", **options: int) -> Finding:
    scene = context(language)
    [finding] = analyze(scene, window(scene, *rows), **options)
    return finding


def test_facts_count_records() -> None:
    finding = judged((BAD, "ERROR", "db", 3), (GOOD, "INFO", "db", 2), (PLAIN, "INFO", "web", 5))
    assert finding.count == 10
    assert finding.facts == {
        "positive": 2,
        "neutral": 5,
        "negative": 3,
        "records": 10,
        "services": {
            "db": {"positive": 2, "neutral": 0, "negative": 3},
            "web": {"positive": 0, "neutral": 5, "negative": 0},
        },
        "levels": {
            "INFO": {"positive": 2, "neutral": 5, "negative": 0},
            "ERROR": {"positive": 0, "neutral": 0, "negative": 3},
        },
    }


@pytest.mark.parametrize(
    ("bad", "good", "plain", "label"),
    [(10, 40, 50, "negative"), (9, 30, 61, "positive"), (9, 29, 62, "neutral"), (0, 0, 1, "neutral")],
)
def test_label(bad: int, good: int, plain: int, label: str) -> None:
    rows = (BAD, "ERROR", None, bad), (GOOD, "INFO", None, good), (PLAIN, "INFO", None, plain)
    assert judged(*(row for row in rows if row[3])).label == label


def test_the_most_frequent_negative_patterns_are_named_with_evidence() -> None:
    worse = "Kernel panic - not syncing"
    finding = judged((BAD, "ERROR", None, 2), (GOOD, "INFO", None, 9), (worse, "FATAL", None, 5), patterns=1)
    assert len(finding.patterns) == 1
    assert finding.evidence == ("s@2",)
    assert worse in finding.explanation


def test_records_without_level_and_service_count() -> None:
    finding = judged((PLAIN, None, None, 4))
    assert finding.facts["services"] == {}
    assert finding.facts["levels"] == {"NONE": {"positive": 0, "neutral": 4, "negative": 0}}


def test_only_the_busiest_services_are_listed() -> None:
    finding = judged((PLAIN, "INFO", "a", 1), (PLAIN, "INFO", "b", 3), (PLAIN, "INFO", "c", 2), services=2)
    assert list(finding.facts["services"]) == ["b", "c"]


def test_merged_patterns_are_one() -> None:
    scene = context()
    rows = [
        (f"user {name * 3} gone: disk failure, data lost", "ERROR", None, 1) for name in "abcdefghijklmnopqrstuvwxyz"
    ]
    [finding] = analyze(scene, window(scene, *rows))
    assert len(finding.patterns) == 1


def test_a_window_without_records_has_no_finding() -> None:
    scene = context()
    assert analyze(scene, Window(START, START + timedelta(hours=1))) == []


def test_identity_is_that_of_the_window() -> None:
    scene = context()
    first, second = analyze(
        scene, window(scene, (BAD, "ERROR", None, 1)), window(scene, (BAD, "ERROR", None, 1), part=1)
    )
    assert first.id != second.id
    assert first.id == judged((GOOD, "INFO", None, 7)).id


def test_verdict_is_the_classifiers() -> None:
    finding = judged((BAD, "ERROR", None, 1), language="ko")
    assert finding.method == "classifier"
    assert finding.model == Classifier.load().version
    assert finding.confidence is not None and 0.5 < finding.confidence <= 1
    assert "부정" in finding.explanation
