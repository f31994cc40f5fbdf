"""Which replay this is, and what is kept of how far it is."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from sllm_core.plugin import PluginError
from sllm_core.replay.stream import NOWHERE


def job_name(source: str, since: int | None, until: int | None, topic: str) -> str:
    """The name of a replay: 16 hexadecimal digits from what is read, its range and where it is sent.

    The same command has the same name, and so goes on where it was.
    """
    text = json.dumps([source, since, until, topic])
    return hashlib.blake2b(text.encode(errors="surrogateescape"), digest_size=8).hexdigest()


@dataclass(frozen=True)
class Standing:
    """How far a replay is: documents and bytes sent, and the mark of the stream behind them.

    `process` is the one that sent last.
    """

    process: str = ""
    documents: int = 0
    bytes: int = 0
    mark: object = NOWHERE

    def further(self, documents: int, size: int, mark: object = NOWHERE) -> Standing:
        """The standing after so much more."""
        return replace(self, documents=self.documents + documents, bytes=self.bytes + size, mark=mark)

    def to_text(self) -> str:
        """As text, for `from_text`."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str | None) -> Standing:
        """The standing; without a text, that of a replay that has not begun.

        Raises:
            PluginError: the text is no standing.
        """
        if text is None:
            return cls()
        try:
            found: dict[str, Any] = json.loads(text)
            return cls(**found)
        except (TypeError, json.JSONDecodeError) as error:
            what = f"what was kept of this replay tells nothing: {text[:80]!r}"
            raise PluginError(f"{what}; --again begins anew, and sends everything once more") from error
