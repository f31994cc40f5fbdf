"""What analyzers say: findings, their identity and their JSON form."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

Method = Literal["model", "classifier", "rules", "human"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One statement of one analyzer about one window (or position) of one shard.

    `id` follows from where the finding stands and never from what it says, so that a later, better verdict replaces
    the earlier one everywhere; `revision` grows with each. `confidence` is a calibrated probability or None.
    `evidence` holds the origins of a few records; `facts` only JSON values, mergeable where they are counts. `part` is
    that of the window. `method` and `model` tell who judged (of a human the name), `told_by` which model worded the
    explanation, if one did.
    """

    id: str
    analyzer: str
    label: str
    source: str
    shard: str = ""
    window: tuple[datetime, datetime] | None = None
    part: int = 0
    confidence: float | None = None
    explanation: str = ""
    detected_issues: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    patterns: tuple[int, ...] = ()
    evidence: tuple[str, ...] = ()
    count: int = 0
    method: Method = "rules"
    model: str | None = None
    language: str = "en"
    told_by: str | None = None
    revision: int = 0

    def to_json(self) -> dict[str, Any]:
        """JSON values: pattern ids hexadecimal, times ISO 8601, the label also under the name `<analyzer>_status`."""
        data = {name: getattr(self, name) for name in self.__dataclass_fields__}
        data[f"{self.analyzer}_status"] = self.label
        data |= {name: list(data[name]) for name in ("detected_issues", "evidence")} | {"facts": dict(self.facts)}
        data["patterns"] = [pattern_name(each) for each in self.patterns]
        data["window"] = self.window and {"start": self.window[0].isoformat(), "end": self.window[1].isoformat()}
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        """The finding that `to_json` wrote.

        Raises:
            KeyError, TypeError, ValueError: `data` is no finding.
        """
        fields = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        window = fields.get("window")
        return cls(
            **{
                **fields,
                "window": window and (_time(window["start"]), _time(window["end"])),
                "patterns": tuple(int(each, 16) for each in fields.get("patterns", ())),
                "detected_issues": tuple(fields.get("detected_issues", ())),
                "evidence": tuple(fields.get("evidence", ())),
            }
        )


def finding_id(analyzer: str, source: str, shard: str, *position: object) -> str:
    """A stable identity: 32 hexadecimal digits from the analyzer, the source, the shard and the position or window."""
    text = "\x1f".join([analyzer, source, shard, *map(_text, position)])
    return hashlib.blake2b(text.encode(errors="surrogateescape"), digest_size=16).hexdigest()


def pattern_name(pattern: int) -> str:
    """How a pattern id is written everywhere outside of columns: 16 hexadecimal digits."""
    return f"{pattern:016x}"


def _text(value: object) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
