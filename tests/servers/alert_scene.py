"""A desk that takes findings in and gives messages out, on a clock that stands still until it is moved."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from sllm_core import testing
from sllm_core.components import Context
from sllm_core.findings import Finding, finding_id
from sllm_core.redaction import Redactor
from sllm_plugins.alerts.config import AlertsConfig
from sllm_plugins.alerts.description import Describer
from sllm_plugins.alerts.desk import Desk
from sllm_plugins.alerts.harmless import Harmless
from sllm_plugins.alerts.ledger import Message
from sllm_plugins.alerts.targets import Form, Text

START = datetime(2026, 5, 4, 9, tzinfo=UTC)
HOUR = 3600.0


@dataclass
class Clock:
    """The wall clock, in seconds since 1970; `slept` has how long was slept, which moves it."""

    time: float = START.timestamp()
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)


@dataclass
class ListTarget:
    """Keeps in `taken` what it is sent; `reasons` are why it does not take the next ones ("": it does)."""

    number: int = 1
    kind: str = "List"
    host: str = ""
    fingerprint: str = "list"
    form: Form = "text"
    limit: int = 30_000
    reasons: list[str] = field(default_factory=list)
    taken: list[Text] = field(default_factory=list)
    tried: list[Text] = field(default_factory=list)

    def send(self, text: Text) -> str:
        self.tried.append(text)
        reason = self.reasons.pop(0) if self.reasons else ""
        if not reason:
            self.taken.append(text)
        return reason

    def reach(self) -> str:
        return ""


def config(**options: object) -> AlertsConfig:
    """The section with one target."""
    return AlertsConfig.model_validate({"targets": [SecretStr("json://127.0.0.1")], **options})


def finding(
    pattern: int | Sequence[int] = 1,
    label: str = "critical",
    hour: float = -1,
    *,
    name: str = "",
    shard: str = "app.log",
    revision: int = 0,
    count: int = 40,
    facts: Mapping[str, Any] | None = None,
    issues: tuple[str, ...] = ("Connection failure",),
) -> Finding:
    """A finding on these patterns, the worst first, in the window of an hour that begins so many hours after START."""
    patterns = (pattern,) if isinstance(pattern, int) else tuple(pattern)
    begin = START + timedelta(hours=hour)
    return Finding(
        id=finding_id("anomaly", "file", shard, begin, name or (patterns[0] if patterns else "")),
        analyzer="anomaly",
        label=label,
        source="file",
        shard=shard,
        window=(begin, begin + timedelta(hours=1)),
        explanation="",
        detected_issues=issues,
        facts={"kinds": {"connection": count}, "records": count} if facts is None else facts,
        patterns=patterns,
        count=count,
        revision=revision,
    )


def quiet_window(hour: float, shard: str = "app.log") -> Finding:
    """What an analyzer says of a window in which there was nothing."""
    return finding((), "normal", hour, name="window", shard=shard, facts={}, issues=())


def context(zone: str = "UTC") -> Context:
    """A context whose store is in memory."""
    made = testing.context()
    return Context(made.patterns, made.verdicts, made.store, "en", ZoneInfo(zone))


class Scene:
    """A desk with one target, and the clock that it goes by."""

    def __init__(self, **options: object) -> None:
        self.clock, self.config, self.context = Clock(), config(**options), context()
        self.desk = self.opened()

    def opened(self) -> Desk:
        """Another desk on the same store, as the next process has it."""
        describer = Describer(Harmless(Redactor()), self.context.patterns, "en")
        return Desk("alerts", self.config, self.context, describer, ["list"], self.clock)

    def take(self, *findings: Finding) -> None:
        self.desk.take(findings)

    def later(self, hours: float) -> None:
        self.clock.time += hours * HOUR

    def message(self) -> Message | None:
        """The message that is due once the time for grouping is over."""
        self.clock.time += self.config.group.total_seconds()
        return self.desk.make()

    def told(self) -> list[tuple[str, str, int]]:
        """Kind, pattern and severity of what the next message tells; empty if there is none."""
        message = self.message()
        return [(each.kind, each.key[-4:], each.severity) for each in message.notices] if message else []
