"""Findings as documents with the names of the Elastic Common Schema, and where they are kept."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from types import MappingProxyType
from typing import Any

from sllm_core.findings import Finding, pattern_name

ECS = "8.11.0"
"""The version of the schema whose names these are; later ones have all of them."""

SEVERITY = MappingProxyType({"critical": 99, "warning": 47, "negative": 21})
"""`event.severity` of a label, on the scale of Elastic's own detections (low 21, medium 47, critical 99); else 0."""

LEVEL = MappingProxyType({"critical": "error", "warning": "warn"})
ALERTS = frozenset(LEVEL)
METRICS = frozenset({"summary"})

UNDATED = "undated"
"""Stands in place of the date for a finding about no window. Its index is none of those that retention deletes."""

MOST = 100
"""How many services, and how many figures, a document names."""

MEASURES = "latency"
"""The fact whose own figures are taken as well, under its name."""

LARGEST = 1e300
_FIGURE = re.compile("[a-z][a-z0-9_]{0,39}")

DEPTH = 20
WHOLE = 1 << 63
CUT = 100_000
"""How many characters of a message or a document a reduced document holds."""

ESSENTIALS = ("analyzer", "label", "confidence", "count", "revision", "origin", "sentiment")
"""What of `sllm.*` a reduced document still has in fields."""


def index_of(prefix: str, moment: datetime | None) -> str:
    """The index for an event time: `<prefix>-YYYY.MM.DD` in UTC."""
    day = UNDATED if moment is None else moment.astimezone(UTC).date().isoformat().replace("-", ".")
    return f"{prefix}-{day}"


def findings_index(prefix: str, finding: Finding) -> str:
    """Where a finding is kept, in all of its revisions."""
    return index_of(prefix, finding.window[0] if finding.window else None)


def findings_document(
    finding: Finding, created: datetime, tags: Sequence[str] = (), labels: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The document of a finding.

    `@timestamp` is the start of its window, as it is for a bucket of Kibana's own histograms and of Elastic's anomaly
    detection, so that it stands above the records that it is about; `event.created` says when it was written.
    """
    return {
        "@timestamp": _iso(finding.window[0] if finding.window else created),
        "message": finding.explanation or ", ".join(finding.detected_issues) or finding.label,
        "ecs": {"version": ECS},
        "event": _event(finding, created),
        "log": {"level": LEVEL.get(finding.label, "info")},
        "rule": {"name": finding.analyzer},
        "tags": ["sllm", *tags],
        **({"labels": dict(labels)} if labels else {}),
        **_places(finding.facts),
        "sllm": _ours(finding),
    }


def _event(finding: Finding, created: datetime) -> dict[str, Any]:
    severity = SEVERITY.get(finding.label, 0)
    sure = 1.0 if finding.confidence is None else finding.confidence
    event: dict[str, Any] = {
        "kind": _kind(finding.label),
        "module": "sllm",
        "dataset": "sllm.findings",
        "id": finding.id,
        "created": _iso(created),
        "severity": severity,
        "risk_score": round(severity * sure, 2) if math.isfinite(sure) else severity,
    }
    if finding.detected_issues:
        event["reason"] = ", ".join(finding.detected_issues)
    if finding.window is not None:
        start, end = finding.window
        nanoseconds = round((end - start).total_seconds() * 1e6) * 1000
        event |= {"start": _iso(start), "end": _iso(end), "duration": nanoseconds}
    return event


def _kind(label: str) -> str:
    """Of the kinds that the schema allows: trouble alerts, a summary measures, all else tells of a state."""
    if label in ALERTS:
        return "alert"
    return "metric" if label in METRICS else "state"


def _ours(finding: Finding) -> dict[str, Any]:
    window = finding.window and {"start": _iso(finding.window[0]), "end": _iso(finding.window[1])}
    return {
        "analyzer": finding.analyzer,
        "label": finding.label,
        "confidence": finding.confidence,
        "detected_issues": list(finding.detected_issues),
        "patterns": [pattern_name(each) for each in finding.patterns],
        "evidence": list(finding.evidence),
        "count": finding.count,
        "window": window,
        "part": finding.part,
        "source": {"name": finding.source, "shard": finding.shard},
        "services": list(_names(finding.facts, "services"))[:MOST],
        "method": finding.method,
        "model": finding.model,
        "told_by": finding.told_by,
        "language": finding.language,
        "revision": finding.revision,
        "figures": dict(islice(_figures(finding.facts), MOST)),
        "facts": dict(finding.facts),
    }


def _figures(facts: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """The facts that are numbers, which charts are drawn of: of names that code gives, for each becomes a field."""
    measures = facts.get(MEASURES)
    inner = {f"{MEASURES}_{name}": each for name, each in measures.items()} if isinstance(measures, Mapping) else {}
    for name, value in {**facts, **inner}.items():
        number = isinstance(value, int | float) and not isinstance(value, bool) and -LARGEST < value < LARGEST
        if number and _FIGURE.fullmatch(str(name)):
            yield name, float(value)


def _places(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The service and the host of a finding that is about a single one."""
    found = {name: list(_names(facts, f"{name}s")) for name in ("service", "host")}
    return {name: {"name": names[0]} for name, names in found.items() if len(names) == 1}


def _names(facts: Mapping[str, Any], key: str) -> Iterator[str]:
    """The names under a key, which analyzers give as a list, as entries with a `name`, or as keys."""
    found = facts.get(key)
    for each in found if isinstance(found, list | tuple | Mapping) else ():
        name = each.get("name") if isinstance(each, Mapping) else each
        if isinstance(name, str) and name:
            yield name


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def to_json(document: Mapping[str, Any]) -> bytes:
    """The document on one line, whatever an analyzer has put into its facts."""
    import orjson

    try:
        return orjson.dumps(document)
    except TypeError:  # half a surrogate pair, an integer above 64 bits, too deep, or no JSON at all
        return orjson.dumps(_storable(document, DEPTH))


def _storable(value: object, depth: int) -> object:
    if isinstance(value, Mapping) and depth:
        return {str(_storable(str(key), 0)): _storable(each, depth - 1) for key, each in value.items()}
    if isinstance(value, list | tuple) and depth:
        return [_storable(each, depth - 1) for each in value]
    if value is None or isinstance(value, bool | float) or (isinstance(value, int) and -WHOLE <= value < WHOLE):
        return value
    return str(value).encode(errors="replace").decode()


def reduced(document: bytes) -> bytes:
    """A document that hardly any mapping refuses: its message, the essentials, and all of it as one text.

    Args:
        document: JSON that `to_json` or the labels wrote.
    """
    import orjson

    whole = orjson.loads(document)
    ours, event = whole.get("sllm", {}), whole.get("event", {})
    kept = {name: ours[name] for name in ESSENTIALS if name in ours}
    small = {
        "@timestamp": whole.get("@timestamp"),
        "message": str(whole.get("message", ""))[:CUT],
        "event": {name: event[name] for name in ("kind", "module", "dataset", "id", "created") if name in event},
        "sllm": {**kept, "reduced": True, "document": document.decode()[:CUT]},
    }
    return orjson.dumps(small)
