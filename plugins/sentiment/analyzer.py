"""One statement on the sentiment of each closed window."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sllm_core.buffers import to_arrow, to_numpy
from sllm_core.classifier import NOBODY, SENTIMENTS, Judgement
from sllm_core.components import Context
from sllm_core.findings import Finding, finding_id
from sllm_core.grouping import among, groups, names
from sllm_core.records import LEVELS, LogBatch, Window
from sllm_core.summaries.past import resolver
from sllm_core.summaries.window_counts import MISSING, Ints, Resolve, WindowCounts, window_counts

from . import SentimentConfig
from .wording import explanation

NEGATIVE = SENTIMENTS.index("negative")
SHOWN = 200
"""How many characters of each message an answer shows."""


class SentimentAnalyzer:
    """Gives each record the likeliest sentiment of its pattern and level, and each closed window a label.

    A window is negative when at least a tenth of its records are (`negative`), since bad news weighs more than good.
    Else it is positive when at least three tenths are (`positive`), else neutral. No records, no finding.
    """

    def __init__(self, name: str, config: SentimentConfig, context: Context) -> None:
        self.name = name
        self._config = config
        self._context = context

    async def analyze(self, batch: LogBatch) -> Sequence[Finding]:
        """A finding for each window with records that the batch closes."""
        windows = [window for window in batch.closes if window.counts.num_rows]
        return await asyncio.to_thread(self._findings, batch, windows) if windows else []

    async def revise(self, batch: LogBatch, earlier: Sequence[Finding]) -> Sequence[Finding]:
        """The finding on a closed window by the verdicts of now."""
        return await self.analyze(batch)

    def answer(self, batch: LogBatch, findings: Sequence[Finding]) -> Mapping[str, Any]:
        """The label of all records together, how many bear which, and that of each with its probability."""
        (patterns, place), (levels, level) = batch.patterns, names(batch.records["level"].combine_chunks())
        row, first = groups(place, level - MISSING)
        named = [*levels, None]
        asked = [named[each] for each in level[first].tolist()]
        judged = self._context.verdicts.judge(patterns[place[first]], asked)
        told = findings[0] if findings else None
        return {
            "sentiment": told.label if told else "neutral",
            "confidence": told.confidence if told else None,
            "counts": {each: told.facts[each] for each in SENTIMENTS} if told else dict.fromkeys(SENTIMENTS, 0),
            "explanation": told.explanation if told else "",
            "lines": _lines(batch, judged, row),
        }

    def _findings(self, batch: LogBatch, windows: Sequence[Window]) -> list[Finding]:
        resolve = resolver(self._context.patterns.resolve, batch)
        return [self._finding(batch, window, resolve) for window in windows]

    def _finding(self, batch: LogBatch, window: Window, resolve: Resolve) -> Finding:
        counted = window_counts(window, resolve)
        judgement = self._context.verdicts.judge(counted.patterns[counted.pairs.pattern], counted.pairs.level_names)
        sentiment = judgement.sentiment.argmax(axis=1).astype(np.int64)
        facts = self._facts(counted, sentiment)
        worst = _most_negative(counted, sentiment, self._config.patterns)
        label = self._label(facts)
        bearing = _Bearing(judgement, sentiment == SENTIMENTS.index(label), counted.pairs.count)
        method, model = self._context.verdicts.author(bearing.by_model, bearing.labeller)
        return Finding(
            id=finding_id(self.name, batch.source, batch.shard, window.start, window.part),
            analyzer=self.name,
            label=label,
            confidence=bearing.confidence(SENTIMENTS.index(label)),
            source=batch.source,
            shard=batch.shard,
            window=(window.start, window.end),
            part=window.part,
            explanation=self._explanation(window, label, facts, worst),
            facts=facts,
            patterns=tuple(worst),
            evidence=_evidence(window, worst, resolve),
            count=counted.records,
            method=method,
            model=model,
            language=self._context.language,
        )

    def _label(self, facts: dict[str, Any]) -> str:
        if facts["negative"] >= self._config.negative * facts["records"]:
            return "negative"
        return "positive" if facts["positive"] >= self._config.positive * facts["records"] else "neutral"

    def _facts(self, counted: WindowCounts, sentiment: Ints) -> dict[str, Any]:
        of_row = sentiment[counted.pairs.of_row]
        services = _split(counted, of_row, counted.service, counted.services)
        busiest = sorted(services, key=lambda name: -sum(services[name].values()))
        return {
            **_named(counted.total(of_row, len(SENTIMENTS))),
            "records": counted.records,
            "services": {name: services[name] for name in busiest[: self._config.services]},
            "levels": _split(counted, of_row, counted.level % (len(LEVELS) + 1), (*LEVELS, "NONE")),
        }

    def _explanation(self, window: Window, label: str, facts: dict[str, Any], worst: dict[int, int]) -> str:
        texts = [(self._context.patterns.template(pattern), count) for pattern, count in worst.items()]
        return explanation(label, facts, texts, window, self._context.language)


def _lines(batch: LogBatch, judged: Judgement, row: Ints) -> list[dict[str, Any]]:
    """The sentiment of each record, with the beginning of its message; `row` has where the judgement on it is."""
    label = judged.sentiment.argmax(axis=1)
    sure = judged.sentiment.max(axis=1).round(4).astype(np.float64)
    unsure, by_human = judged.unsure_sentiment.tolist(), (judged.sentiment_author != NOBODY).tolist()
    rows = zip(label.tolist(), sure.tolist(), unsure, judged.by_model.tolist(), by_human, strict=True)
    said = [
        (
            SENTIMENTS[best],
            None if unknown else round(share, 4),
            "human" if labelled else "model" if by_model else "classifier",
        )
        for best, share, unknown, by_model, labelled in rows
    ]
    texts = [text and text[:SHOWN] for text in batch.records["message"].to_pylist()]
    lines = zip((said[each] for each in row.tolist()), texts, strict=True)
    return [
        {"line": number, "sentiment": label, "confidence": share, "method": method, "message": text}
        for number, ((label, share, method), text) in enumerate(lines, 1)
    ]


def _split(counted: WindowCounts, sentiment: Ints, group: Ints, names: Sequence[str]) -> dict[str, dict[str, int]]:
    """The records of each sentiment in each group that has any; `group` (rows,) indexes `names`."""
    cells = np.where(group == MISSING, MISSING, group * len(SENTIMENTS) + sentiment)
    table = counted.total(cells, len(names) * len(SENTIMENTS)).reshape(len(names), len(SENTIMENTS))
    return {name: _named(row) for name, row in zip(names, table, strict=True) if row.any()}


def _evidence(window: Window, patterns: dict[int, int], resolve: Resolve) -> tuple[str, ...]:
    """The origin of the first record of each pattern."""
    found = resolve(to_numpy(window.examples["pattern"].combine_chunks()))
    rows = np.flatnonzero(among(found, np.array(list(patterns), np.uint64)))
    named = window.examples["origin"].take(to_arrow(rows)).to_pylist()
    origins = dict(reversed([*zip(found[rows].tolist(), named, strict=True)]))
    return tuple(origins[pattern] for pattern in patterns if pattern in origins)


def _named(counts: Ints) -> dict[str, int]:
    return dict(zip(SENTIMENTS, counts.tolist(), strict=True))


def _most_negative(counted: WindowCounts, sentiment: Ints, limit: int) -> dict[int, int]:
    """The patterns with the most negative records, and how many these are, descending."""
    pairs = counted.pairs
    counts = counted.total(counted.pattern, len(counted.patterns), (sentiment == NEGATIVE)[pairs.of_row])
    order = np.argsort(-counts, kind="stable")[:limit]
    return {int(counted.patterns[each]): int(counts[each]) for each in order if counts[each]}


@dataclass(frozen=True)
class _Bearing:
    """The rows, (n,), that bear the label of the window, and how many records each has."""

    judgement: Judgement
    rows: NDArray[np.bool_]
    counts: Ints

    @property
    def by_model(self) -> bool:
        """Whether a model judged most of their records."""
        return bool(2 * self._records(self.judgement.by_model) > self._records(self.rows))

    @property
    def labeller(self) -> int:
        """Who among humans judged most of their records; NOBODY where none did."""
        authors, who = np.unique(self.judgement.sentiment_author, return_inverse=True)
        records = [self._records(who == place) for place in range(len(authors))]
        most = max(range(len(authors)), key=lambda place: records[place], default=None)
        return NOBODY if most is None or 2 * records[most] <= self._records(self.rows) else int(authors[most])

    def confidence(self, label: int) -> float | None:
        """The mean probability of the label over their records; None where most have none, or there are no records."""
        known = self.rows & ~self.judgement.unsure_sentiment
        if not self._records(known) or 2 * self._records(known) < self._records(self.rows):
            return None
        return round(float(np.average(self.judgement.sentiment[known, label], weights=self.counts[known])), 4)

    def _records(self, rows: NDArray[np.bool_]) -> int:
        return int(self.counts[self.rows & rows].sum())
