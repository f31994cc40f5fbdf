"""Tags that runs have made on the server, so that those of runs that came to nothing are deleted."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sllm_core.plugin import PluginError
from sllm_core.store import Store


@dataclass(frozen=True)
class Tags:
    """The tags that a tuner has made for one store; those of others on the same server are left alone."""

    store: Store
    tuner: str

    def note(self, tag: str) -> None:
        """A tag is about to be made."""
        if tag not in (known := self.known()):
            self.store.remember(self._name, [*known, tag])

    def known(self) -> list[str]:
        """The tags of which no version has been kept yet, as far as is known."""
        said = self.store.recall(self._name)
        return [str(each) for each in said] if isinstance(said, list) else []

    async def clean(self, discard: Callable[[str], Awaitable[None]], going_on: str) -> None:
        """Delete the tags that no version has come of, but that of a run that is gone on with.

        What cannot be deleted now is tried again by the next run.
        """
        kept = {str(row.record.get("lineage", {}).get("tag", "")) for row in self.store.versions.all()}
        left = []
        for tag in self.known():
            if tag in kept:
                continue
            if tag == going_on:
                left.append(tag)
                continue
            try:
                await discard(tag)
            except PluginError as error:
                told = {"tag": tag, "reason": str(error)}
                logging.getLogger("sllm.learning").warning("a tag cannot be deleted yet", extra=told)
                left.append(tag)
        self.store.remember(self._name, left)

    @property
    def _name(self) -> str:
        return f"tags.{self.tuner}"
