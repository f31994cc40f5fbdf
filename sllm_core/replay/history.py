"""What a source offers for `sllm replay`: the documents of a range of time, in parts that can be read again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

PART = 10_000
"""About so many documents a part has, where their times allow it; parts are read side by side."""

PAGE_BYTES = 2 << 20
"""About so many bytes a page has at most."""


@dataclass(frozen=True, slots=True)
class Document:
    """One log record as it is kept elsewhere.

    `origin` is where, unique and stable (`index/_id`); `time` is its time in microseconds since 1970, rounded down;
    `fields` are its JSON values as they are (`_source`).
    """

    origin: str
    time: int
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """The documents of [since, until), in microseconds since 1970; how many and how large, as far as that is known."""

    since: int
    until: int
    documents: int = 0
    bytes: int = 0


class History(Protocol):
    """A source's documents while they are replayed.

    `identity` says what is read, for as long as the same is read: addresses, index pattern and query; neither times nor
    passwords.
    """

    identity: str

    async def parts(self, since: int | None, until: int | None) -> Sequence[Part]:
        """What there is in [since, until), in parts that follow one another in time; parts without documents are left
        out. None: from the first document on, or up to what is surely searchable by now.
        """
        ...

    def documents(self, part: Part) -> AsyncIterator[Sequence[Document]]:
        """All documents of a part (or of a piece of one, with a later `since`), ascending by `time`, in pages of about
        PAGE_BYTES. Several parts are read at the same time. An outage is waited for.

        Raises:
            PluginError: what the user has to mend.
        """
        ...


@runtime_checkable
class Historic(Protocol):
    """What a source may offer besides: it has the past, too."""

    name: str

    def history(self) -> AbstractAsyncContextManager[History]:
        """Connected on entering, closed on leaving; `sllm_lifespan` is not entered for it.

        Raises:
            PluginError: on entering, within ten seconds: the configuration is wrong, or the server is away.
        """
        ...
