"""What takes a replay's messages: a topic that is written in transactions, each together with the mark behind it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: `time` in milliseconds since 1970; messages of one key keep their order, those of none go anywhere.

    `origin` says which document it is.
    """

    key: bytes | None
    value: bytes
    time: int
    origin: str


@dataclass(frozen=True)
class Destination:
    """Where a replay goes.

    `job` names the replay, and what is kept of it; `partitions` are those of a topic that is created if there is none,
    None: it must be there; `oldest` is the time of the first document in microseconds since 1970, None if not known.
    """

    topic: str
    job: str
    partitions: int | None = None
    oldest: int | None = None


class OutletLost(Exception):
    """What was sent since the last commit is void; `resume` says where to go on."""


class Outlet(Protocol):
    """Takes messages in transactions: what readers see of it is all that lies before the last mark, and no more."""

    async def known(self) -> str | None:
        """The mark of the last commit, None if there is none; nothing is changed, whoever else is at work."""
        ...

    async def resume(self) -> str | None:
        """From now on this process sends, and no other of the same job any more; the mark of the last commit.

        Called before anything is sent, and after OutletLost; then it waits until the server is back.

        Raises:
            PluginError: the server does not let this client send.
        """
        ...

    async def send(self, messages: Sequence[Message]) -> None:
        """Add messages to the open transaction; returns when there is room for more.

        Raises:
            OutletLost: the server was away for too long.
            PluginError: a message is not taken; or another process does the same job by now.
        """
        ...

    async def commit(self, mark: str) -> None:
        """End the transaction: all of it becomes visible together with the mark.

        Raises:
            OutletLost, PluginError: as `send`.
        """
        ...

    @property
    def hurried(self) -> bool:
        """Whether the open transaction is so old that it should end rather than keep to a rate."""
        ...


@runtime_checkable
class Receiving(Protocol):
    """What a source or a sink may offer besides: replays can be sent to where it reads or writes."""

    name: str

    def outlet(self, destination: Destination) -> AbstractAsyncContextManager[Outlet]:
        """Connected on entering; on leaving closed, and an open transaction is aborted. `sllm_lifespan` is not entered.

        Raises:
            PluginError: on entering, within ten seconds: the configuration is wrong, the server is away, or the topic
                is missing or cannot keep what is sent.
        """
        ...
