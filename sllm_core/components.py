"""What plugins give to core, as protocols: sources, analyzers, sinks, tuners; and the context that core gives them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from sllm_core.tuners import Discarding as Discarding
from sllm_core.tuners import Resuming as Resuming
from sllm_core.tuners import Serving as Serving
from sllm_core.tuners import Tuner as Tuner

if TYPE_CHECKING:
    from sllm_core.classifier import Verdicts
    from sllm_core.findings import Finding
    from sllm_core.models.gateway import Gateway
    from sllm_core.models.language_model import Prompt
    from sllm_core.patterns import PatternTable
    from sllm_core.records import LogBatch
    from sllm_core.redaction import Redactor
    from sllm_core.safety import Preparation
    from sllm_core.store import Store


class Source(Protocol):
    """Where records come from. `name` is unique among the sources.

    Each shard starts behind `context.store.cursors(name)[shard]`; batches of a shard come in order; a cursor is a JSON
    value. A source that goes on from cursors gives, before the first records of a shard, an empty batch with the cursor
    where they begin. A quiet source that goes on yields empty batches now and then, so that windows can close.
    The cursor of a shard of which no batch has come for as long as `[store] retention` is forgotten.
    """

    name: str

    def batches(self) -> AsyncIterator[LogBatch]:
        """The batches, until the source ends. An exception stops the run."""
        ...

    async def acknowledge(self, cursor: object) -> None:
        """Called once everything up to `cursor` is stored and written to every sink."""
        ...


@runtime_checkable
class Shared(Protocol):
    """What a source offers in place of `acknowledge` if its shards move between workers that share no disk.

    What core has to know of a shard travels with the shard's cursor, as a note of at most 4,000 characters that means
    nothing to the source. When a shard comes, the source asks `handover.resume` where to go on, keeps the note of what
    it is told (`handover.note`) before anything is read, and yields an empty batch with `begins`; when the shard goes,
    it yields one with `gone`, and lets go of the shard only once core has asked for the next batch: what was given out
    is stored and delivered then.
    """

    name: str

    def batches(self) -> AsyncIterator[LogBatch]: ...

    async def commit(self, shard: str, cursor: object, note: str) -> bool:
        """Keep both where the next owner finds them; called before windows are stored (with the cursor of before), and
        once all up to `cursor` is stored and written to the sinks.

        Returns when they are kept, or False when that cannot be since the shard is another worker's; as long as it is
        unknown, it waits.
        """
        ...


@runtime_checkable
class Remembering(Protocol):
    """What a shared source may offer besides: what was learnt from a shard travels with it, not only how far it is.

    Keys are ASCII; keys and values mean nothing to the source.
    """

    async def remember(self, shard: str, entries: Mapping[str, bytes | None]) -> None:
        """Keep each value where the next owner finds it, in the place of what was under its key; None removes it.

        One after another: of a worker that is killed in between, those that came first are kept.
        Returns when they are kept, after an outage if need be; called before the cursor moves beyond what they tell of.
        """
        ...

    async def recall(self, shard: str) -> Mapping[str, bytes]:
        """All that is kept of the shard, by whoever had it."""
        ...


@dataclass(frozen=True)
class SourceProgress:
    """How far a source is: bytes read, bytes in all (0: unknown), records repaired, and what to tell the user."""

    done: int = 0
    total: int = 0
    repaired: int = 0
    warnings: tuple[str, ...] = ()


@runtime_checkable
class Measured(Protocol):
    """What a source may offer besides: how far it is, asked at any time while it is read."""

    def progress(self) -> SourceProgress: ...


class Full(Exception):
    """A source that takes logs has no room for more; there may be in so many `seconds`."""

    def __init__(self, detail: str, seconds: float) -> None:
        super().__init__(detail)
        self.seconds = seconds


class KeyReused(Exception):
    """The idempotency key of a message came with another message before."""


@dataclass(frozen=True)
class Taken:
    """How many records were taken of what a client sent, and what could not be read of it: lines (from 1) and why.

    `repeated`: they were taken before, under the same key, and are not taken again.
    """

    records: int
    refused: tuple[tuple[int, str], ...] = ()
    repeated: bool = False


@runtime_checkable
class Receiving(Protocol):
    """What a source may offer besides: it takes what clients of `sllm serve` send to POST /logs."""

    name: str

    def receive(self) -> None:
        """A server takes logs for it from now on; without one it ends when all is read that was taken before."""
        ...

    async def take(self, payload: bytes, key: str = "") -> Taken:
        """Take a message as `reading.MessageReader` reads it; returns once its records are stored for good.

        Under a `key` it is taken once, however often it comes within the time that the source knows keys.

        Raises:
            Full: there is no room.
            KeyReused: the key came with another message.
        """
        ...


class Analyzer(Protocol):
    """What makes findings of records. `name` is unique among the analyzers."""

    name: str

    async def analyze(self, batch: LogBatch) -> Sequence[Finding]:
        """The findings about the windows in `batch.closes`, or about single records.

        A batch that is `gone` tells that another worker reads its shard now, from before what is still open: whatever
        is kept of the shard's open windows is to be forgotten.
        An exception is logged and counted; the findings of the other analyzers are written all the same.
        """
        ...


@runtime_checkable
class Revisable(Protocol):
    """What an analyzer may offer besides: findings made anew when better verdicts have come."""

    async def revise(self, batch: LogBatch, earlier: Sequence[Finding]) -> Sequence[Finding]:
        """The findings on the one closed window in `batch.closes` by the verdicts of now; `batch` has no records.

        `earlier` is what this analyzer said of it before; what does not hold any more is said anew under its id. Core
        counts the revisions, and writes those that say something else to every sink.
        """
        ...


@runtime_checkable
class Answering(Protocol):
    """What an analyzer may offer besides: what it has to say to somebody who sends records and asks about them."""

    def answer(self, batch: LogBatch, findings: Sequence[Finding]) -> Mapping[str, Any]:
        """JSON values about the records of the batch and its one closed window, on which `analyze` gave the findings.

        What it says follows from both, the verdicts and the language alone, so that core may say it again to whoever
        asks the same. The origins of the records are their numbers, from 1.
        """
        ...


@runtime_checkable
class Worded(Protocol):
    """What an analyzer may offer besides: a language model words its findings, of which code has written already.

    Core asks once a finding is stored, with any delay and perhaps in a later run: what is needed must be in the finding
    or in the context. The methods are called with findings of this analyzer only; `question` and `answered` in threads,
    `mistake` in the loop, so that it should be quick.
    """

    def question(self, finding: Finding, prepare: Preparation) -> Prompt | None:
        """What to ask; None: nothing. Texts from logs go through `prepare`, names included."""
        ...

    def mistake(self, finding: Finding, values: Mapping[str, Any]) -> str | None:
        """What is wrong with an answer that obeys the schema, for the model to mend; None: nothing."""
        ...

    def answered(self, finding: Finding, values: Mapping[str, Any]) -> Finding:
        """The finding with the answer as its explanation, as plain text; core notes which model told it.

        `id`, `label`, `facts` and `method` stay.
        """
        ...


class Sink(Protocol):
    """Where findings go. `name` is unique among the sinks."""

    name: str

    async def write(self, findings: Sequence[Finding]) -> None:
        """Store the findings; return only when they are stored. The same finding may come again after a crash.

        An exception stops the run, and the findings are written again at the next.
        """
        ...


@runtime_checkable
class Annotating(Protocol):
    """What a sink may offer besides: it stores something about every record."""

    async def annotate(self, batch: LogBatch) -> None:
        """Called with each batch that has records and core's columns, before they are acknowledged; returns only when
        it is stored. The same record may come again after a crash; its `origin` is the same then.
        """
        ...


def _usual_redactor() -> Redactor:
    from sllm_core.redaction import Redactor

    return Redactor()


@dataclass(frozen=True)
class Context:
    """What a plugin may use of core.

    The pattern table, the verdicts on patterns, the store, the language of texts (en or ko), the zone in which times
    without one are read and all times are shown, the way to the language model, None where none is enabled; and what
    makes a redactor as `[redaction]` says, for texts that leave this machine.
    """

    patterns: PatternTable
    verdicts: Verdicts
    store: Store
    language: str = "en"
    zone: tzinfo = UTC
    model: Gateway | None = None
    redactor: Callable[[], Redactor] = _usual_redactor
