"""What a Kafka source counts while it runs, and how it tells it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sllm_core.components import SourceProgress
from sllm_core.metrics import Metric

if TYPE_CHECKING:
    from .partitions import Partitions


@dataclass
class Figures:
    """Counts since the start; `moved` is when records were last given out, or there were none left (monotonic).

    `changelog` is whether there is one that can be used.
    """

    messages: int = 0
    records: int = 0
    bytes: int = 0
    poison: int = 0
    dead_letters: int = 0
    deleted: int = 0
    rebalances: int = 0
    commits: int = 0
    commit_failures: int = 0
    fetch_errors: int = 0
    remembered: int = 0
    recalled: int = 0
    changelog: bool = False
    moved: float = field(default_factory=time.monotonic)


def metrics(section: str, figures: Figures, partitions: Partitions) -> Iterator[Metric]:
    """All figures of a source."""
    own = {"source": section}
    for name, value, text in _counters(figures):
        yield Metric(f"kafka_{name}_total", value, text, "counter", own)
    for held in partitions:
        labels = {**own, "topic": held.at.topic, "partition": str(held.at.partition)}
        yield Metric("kafka_lag_records", held.lag, "offsets behind the end of the partition", labels=labels)
        uncommitted = max(0, held.given - held.cursor)
        text = "offsets worked on whose windows are still open"
        yield Metric("kafka_uncommitted_records", uncommitted, text, labels=labels)
    yield Metric("kafka_partitions", len(partitions), "partitions that this worker has", labels=own)
    yield Metric("kafka_paused_partitions", len(partitions.full), "partitions with enough waiting", labels=own)
    yield Metric("kafka_buffered_bytes", partitions.size, "bytes fetched and not worked on yet", labels=own)
    text = "1 while what is learnt of partitions is kept in the changelog, else 0"
    yield Metric("kafka_changelog", int(figures.changelog), text, labels=own)
    idle = time.monotonic() - figures.moved
    text = "seconds since records were worked on, or none waited"
    yield Metric("kafka_last_progress_seconds", idle, text, labels=own)


def progress(figures: Figures) -> SourceProgress:
    """How far the source is; how much there is in all, Kafka does not tell in bytes."""
    return SourceProgress(figures.bytes, warnings=tuple(_warnings(figures)))


def _counters(figures: Figures) -> Iterator[tuple[str, float, str]]:
    yield "messages", figures.messages, "messages worked on"
    yield "records", figures.records, "records in them"
    yield "received_bytes", figures.bytes, "bytes of their values"
    yield "poison", figures.poison, "messages that could not be read"
    yield "dead_letters", figures.dead_letters, "messages written to the topics of dead letters"
    yield "deleted_records", figures.deleted, "offsets that were gone before they were read"
    yield "rebalances", figures.rebalances, "times that the partitions were distributed anew"
    yield "commits", figures.commits, "commits"
    yield "commit_failures", figures.commit_failures, "commits that the group refused; nothing is lost by them"
    yield "fetch_errors", figures.fetch_errors, "errors while records were fetched"
    yield "remembered_entries", figures.remembered, "entries written to the changelog"
    yield "recalled_entries", figures.recalled, "entries read from the changelog, of partitions that have come"


def _warnings(figures: Figures) -> Iterator[str]:
    if figures.deleted:
        remedy = "raise retention.ms of the topic, or run more workers"
        yield f"{figures.deleted:,} records had been deleted by Kafka before they were read; {remedy}"
    if lost := figures.poison - figures.dead_letters:
        yield f"{lost:,} messages could not be read and were left out; dead_letters = true keeps them"
    if figures.dead_letters:
        yield f"{figures.dead_letters:,} messages could not be read; see them with: sllm dlq list"
