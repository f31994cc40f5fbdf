"""The facts of a summary, and how those of several windows and shards become one.

Keys: `start`, `end` (ISO 8601); `records`, `errors`, `warnings`, `error_share`; `levels` (records by level, NONE
without one); `services` (ranking: records, errors); `requests`, `failures` (answers with 5xx), `statuses` (by class),
`latency` (milliseconds: count, total_ms, mean_ms, p95_ms, histogram; or None), `endpoints` (ranking: requests,
failures, timed, total_ms); `error_kinds` (ranking: count; the name is a key of the issue catalogue, an exception, the
status of answers as `HTTP 500`, or words of a template); `distinct_patterns`, `new_patterns`, `top_patterns`,
`top_new_patterns` (rankings by pattern id: template, count); `before` (start, end, records, errors of the window
before, or None) and `change` (of the records, 0.1 = 10 % more); `timeline`; of one window also `failed_answers`
(pattern, status, whether its record is an error by its level, count), which merged facts leave out. A ranking ends with
an entry without a name when there are more.

Errors are records of level ERROR or FATAL, records without a level that the verdicts call critical, and answers with
5xx whose record says nothing worse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sllm_core.summaries.ranking import ranking
from sllm_core.summaries.requests import latency_facts
from sllm_core.summaries.sketch import merge_sketches
from sllm_core.summaries.timeline import merge_timelines

Facts = Mapping[str, Any]

SUMMED = ("records", "errors", "warnings", "requests", "failures", "new_patterns")
RANKED = (
    ("services", "records", 20),
    ("endpoints", "requests", 20),
    ("error_kinds", "count", 20),
    ("top_patterns", "count", 10),
    ("top_new_patterns", "count", 10),
)
"""The rankings among the facts: key, by what they are ranked, and how many entries are kept."""


def merge_facts(facts: Sequence[Facts]) -> dict[str, Any]:
    """The facts of all the windows together; an empty dictionary when there are none.

    Counts are exact. `distinct_patterns` becomes a lower bound, p95 stays within the sketch's error. The comparison
    with the window before is kept when all windows are the same span of different shards.
    """
    if not facts:
        return {}
    merged: dict[str, Any] = {
        "start": min((each["start"] for each in facts), key=datetime.fromisoformat),
        "end": max((each["end"] for each in facts), key=datetime.fromisoformat),
        **{key: sum(each[key] for each in facts) for key in SUMMED},
        **{key: _sum_counts([each[key] for each in facts]) for key in ("levels", "statuses")},
        **{key: ranking([entry for each in facts for entry in each[key]], by, limit) for key, by, limit in RANKED},
        "distinct_patterns": max(each["distinct_patterns"] for each in facts),
        "latency": _merge_latency([each["latency"] for each in facts if each["latency"]]),
        "before": _merge_before(facts),
        "timeline": merge_timelines([each["timeline"] for each in facts]),
    }
    return merged | shares(merged)


def shares(facts: Facts) -> dict[str, float | None]:
    """What follows from other facts: `error_share` of the records and `change` against the window before."""
    before = facts["before"]
    return {
        "error_share": round(facts["errors"] / facts["records"], 6) if facts["records"] else 0.0,
        "change": round(facts["records"] / before["records"] - 1, 4) if before and before["records"] else None,
    }


def _sum_counts(counts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return dict(sorted(total.items()))


def _merge_latency(latencies: Sequence[Facts]) -> dict[str, Any] | None:
    return latency_facts(
        sum(each["total_ms"] for each in latencies), merge_sketches(each["histogram"] for each in latencies)
    )


def _merge_before(facts: Sequence[Facts]) -> dict[str, Any] | None:
    spans = {(each["start"], each["end"]) for each in facts}
    if len(spans) > 1 or not all(each["before"] for each in facts):
        return None
    befores = [each["before"] for each in facts]
    return {**befores[0], **{key: sum(each[key] for each in befores) for key in ("records", "errors")}}
