"""What core says where a source brings more patterns than are kept for it: at once in the log, and in a finding."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from sllm_core.buffers import to_numpy
from sllm_core.findings import Finding, finding_id
from sllm_core.patterns import PatternTable
from sllm_core.records import Window

ANALYZER = "patterns"
"""The `analyzer` of these findings."""


class OverflowAlarm:
    """Watches one source; texts are in `language` (en or ko)."""

    def __init__(self, patterns: PatternTable, source: str, language: str = "en") -> None:
        self._patterns, self._source, self._language = patterns, source, language
        self._told = 0
        self._armed = True

    def watch(self) -> None:
        """Warn in the log when records found the source full: at the first, and once after each closed window."""
        count = self._patterns.overflowed(self._source)
        if self._armed and count > self._told:
            self._told, self._armed = count, False
            about = {"source": self._source, "limit": self._patterns.limit, "records": count}
            remedy = "raise limit under [patterns], or look at what floods the source"
            logging.getLogger("sllm.patterns").warning("patterns beyond the limit", extra={**about, "remedy": remedy})

    def findings(self, shard: str, windows: Sequence[Window]) -> list[Finding]:
        """One for each closed window that has records whose pattern was not kept."""
        self._armed |= bool(windows)
        if not self._patterns.overflowed(self._source):
            return []
        return [finding for window in windows for finding in self._of(shard, window)]

    def _of(self, shard: str, window: Window) -> Iterable[Finding]:
        other = self._patterns.other(self._source)
        counts, patterns = (to_numpy(window.counts[name].combine_chunks()) for name in ("count", "pattern"))
        records, count = int(counts.sum()), int(counts[patterns == other].sum())
        if count:
            facts = {"records": records, "overflowed": count, "share": round(count / records, 4)}
            yield Finding(
                id=finding_id(ANALYZER, self._source, shard, window.start, window.part),
                analyzer=ANALYZER,
                label="warning",
                source=self._source,
                shard=shard,
                window=(window.start, window.end),
                explanation=_explained(self._language, records, count, self._patterns.limit),
                detected_issues=("패턴 한도 초과" if self._language == "ko" else "pattern limit reached",),
                facts={**facts, "limit": self._patterns.limit},
                patterns=(other,),
                evidence=_evidence(window, other),
                count=count,
                language=self._language,
            )


def _evidence(window: Window, pattern: int) -> tuple[str, ...]:
    rows = np.flatnonzero(to_numpy(window.examples["pattern"].combine_chunks()) == pattern)
    return tuple(window.examples["origin"][row].as_py() for row in rows.tolist())


def _explained(language: str, records: int, count: int, limit: int) -> str:
    share = f"{100 * count / records:.3g}%"
    if language == "ko":
        return (
            f"레코드 {records:,}건 중 {count:,}건({share})은 이 소스에 보관하는 패턴 {limit:,}개를 넘어 "
            "하나의 패턴으로 집계되었습니다. [patterns]의 limit 값을 늘리거나, 이 소스에 무엇이 쏟아지는지 확인하세요."
        )
    return (
        f"{count:,} of {records:,} records ({share}) have patterns beyond the {limit:,} that are kept for this source, "
        "and count as one. Raise limit under [patterns], or look at what floods the source."
    )


def overflow_notes(findings: Iterable[Finding]) -> list[str]:
    """One sentence for each source about all windows in which it brought more patterns than are kept."""
    totals: defaultdict[str, Counter[str]] = defaultdict(Counter)
    last: dict[str, Finding] = {}
    for each in findings:
        if each.analyzer == ANALYZER:
            totals[each.source].update({name: int(each.facts[name]) for name in ("records", "overflowed")})
            last[each.source] = each
    return [f"{source}: {_told(totals[source], each)}" for source, each in last.items()]


def _told(total: Mapping[str, int], last: Finding) -> str:
    return _explained(last.language, total["records"], total["overflowed"], int(last.facts["limit"]))
