"""Messages that targets have not taken yet; they outlive the process."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sllm_core.store import Pending

from .ledger import Message

if TYPE_CHECKING:
    from sllm_core.store import Store


class Outbox:
    """The messages of one section in the store, for each target in the order in which they were made.

    Targets are known by their fingerprints, which tell nothing of their addresses.
    """

    def __init__(self, store: Store, section: str) -> None:
        from pydantic import TypeAdapter

        self._store, self._head = store, f"alerts {section} "
        self._shape = TypeAdapter(Message)

    def put(self, message: Message, targets: Iterable[str]) -> None:
        """Add a message for each of the targets; to put the same once more changes nothing."""
        note = json.dumps(self._shape.dump_python(message, mode="json"), ensure_ascii=False)
        self._store.add_pending([Pending(self._head + each, _key(message), note=note) for each in targets])

    def first(self, target: str) -> Message | None:
        """The oldest message that waits for a target."""
        for waits in self._store.pending(self._head + target, 1):
            try:
                return self._shape.validate_json(waits.note)
            except ValueError:
                self._store.finish_pending(waits.task, [waits.key])
                logging.getLogger("sllm.alerts").error("a message cannot be read any more, and is dropped")
                return self.first(target)
        return None

    def finish(self, target: str, message: Message) -> None:
        """The target has taken the message, or never will."""
        self._store.finish_pending(self._head + target, [_key(message)])

    def waiting(self) -> dict[str, int]:
        """How many messages wait for each target, those that are not configured any more among them."""
        counts = self._store.pending_counts().items()
        return {task.removeprefix(self._head): count for task, count in counts if task.startswith(self._head)}

    def drop(self, target: str) -> None:
        """Forget all messages for a target."""
        while waits := self._store.pending(self._head + target, 1000):
            self._store.finish_pending(self._head + target, [each.key for each in waits])


def _key(message: Message) -> str:
    return f"{round(message.made * 1e6):017d} {message.number}"
