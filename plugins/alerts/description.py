"""From a finding to what a person is told of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Protocol

from sllm_core.findings import Finding, pattern_name
from sllm_core.summaries.issues import catalogue

from .notice import LISTED, Notice, severity

if TYPE_CHECKING:
    from .harmless import Harmless

NAME, PLACE, EXAMPLE, TEXT = 80, 160, 240, 400
"""How long each may be, in characters."""

EXAMPLES, OTHERS = 2, 4
"""How many example lines, and other kinds of trouble, are shown."""


class Examples(Protocol):
    """What a table of patterns knows: one message of each."""

    def example(self, pattern: int, /) -> str: ...


@dataclass(frozen=True)
class Describer:
    """Describes findings, as far as their facts tell; analyzers of others may give any facts or none.

    `language` is that of the messages.
    """

    harmless: Harmless
    patterns: Examples
    language: str

    def describe(self, finding: Finding, now: float) -> Notice:
        """The entry of a message about a finding, which begins to wait `now`."""
        facts = finding.facts
        name, *others = self._titles(finding)
        first, last = _span(finding)
        usual = facts.get("usual")
        return Notice(
            kind="alert",
            key=key(finding),
            severity=severity(finding.label),
            since=now,
            id=finding.id,
            name=name,
            source=self._name(finding.source),
            others=tuple(others[:OTHERS]),
            services=tuple(map(self._name, _texts(facts.get("services"))[:LISTED])),
            shards=(self.harmless.name(finding.shard, PLACE),) if finding.shard else (),
            first=first,
            last=last,
            count=finding.count,
            usual=float(usual) if isinstance(usual, int | float) and finding.count else None,
            new=_is_new(facts),
            examples=tuple(self._examples(finding)),
            text=self._text(finding),
            places=(_place(finding),),
        )

    def _titles(self, finding: Finding) -> list[str]:
        titles = list(finding.detected_issues)
        kinds = finding.facts.get("kinds")
        if finding.language != self.language and isinstance(kinds, Mapping):
            titles = [catalogue().title(str(each), self.language) for each in kinds] or titles
        found = [self._name(each) for each in titles[: OTHERS + 1]] or [self._untitled(finding)]
        target = finding.facts.get("target")
        return [f"{found[0]} ({self._name(target)})" if isinstance(target, str) and target else found[0], *found[1:]]

    def _untitled(self, finding: Finding) -> str:
        if "error_share" in _texts(finding.facts.get("reason")):
            return "오류 비율 급증" if self.language == "ko" else "Unusually many errors"
        return self._name(finding.analyzer)

    def _examples(self, finding: Finding) -> Iterator[str]:
        """One message of each of the worst patterns; those that look alike once."""
        shown: dict[str, str] = {}
        for pattern in finding.patterns[: 4 * EXAMPLES]:
            try:
                line = self.harmless.line(self.patterns.example(pattern).partition("\n")[0], EXAMPLE)
            except KeyError:
                continue
            shown.setdefault(re.sub(r"\d+", "0", line), line)
        yield from list(shown.values())[:EXAMPLES]

    def _text(self, finding: Finding) -> str:
        """What a model says of it, or what is said of what has no facts to tell."""
        told = finding.told_by is not None or "kinds" not in finding.facts
        return self.harmless.line(finding.explanation, TEXT) if told and finding.explanation else ""

    def _name(self, text: str) -> str:
        return self.harmless.name(text, NAME)


def key(finding: Finding) -> str:
    """What counts as the same trouble: the worst pattern, wherever it occurs; else what the finding is about."""
    if finding.patterns:
        return pattern_name(finding.patterns[0])
    about = (finding.analyzer, finding.source, finding.shard, str(finding.facts.get("kind", "")))
    return f"other {_hash(*about)}"


def _place(finding: Finding) -> str:
    start = finding.window[0].timestamp() if finding.window else finding.id
    return _hash(finding.source, finding.shard, str(start), str(finding.part))


def _hash(*parts: str) -> str:
    return blake2b("\x1f".join(parts).encode(errors="surrogateescape"), digest_size=8).hexdigest()


def _span(finding: Finding) -> tuple[float | None, float | None]:
    """The first and the last record, else the window."""
    begin, end = (each.timestamp() for each in finding.window) if finding.window else (None, None)
    first, last = _moment(finding.facts.get("first")), _moment(finding.facts.get("last"))
    return (begin if first is None else first), (end if last is None else last)


def _moment(text: object) -> float | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
        return moment.timestamp() if moment is not None and moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _is_new(facts: Mapping[str, Any]) -> bool:
    return bool(facts.get("pattern_count")) and facts.get("pattern_count") == facts.get("new_patterns")


def _texts(values: object) -> Sequence[str]:
    return [each for each in values if isinstance(each, str) and each] if isinstance(values, list | tuple) else []
