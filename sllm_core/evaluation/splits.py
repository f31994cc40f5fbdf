"""Which rows are fitted on and which are measured: by time or by pattern, never at random."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import tzinfo
from typing import Literal

import numpy as np

from sllm_core.evaluation.data import Bools, Data, parse_time
from sllm_core.moments import NEVER
from sllm_core.plugin import PluginError

_SHARED = re.compile(r"(?P<by>time|pattern):(?P<number>\d*\.?\d+)(?P<percent>%?)")
FORMS = "time=2026-03-01, time:0.7 or pattern:0.3"


@dataclass(frozen=True)
class Split:
    """By `time` or by `pattern`; `share` of the rows or patterns is fitted on, or what is before `moment`.

    `moment` is in microseconds since 1970; `text` is what was asked for.
    """

    by: Literal["time", "pattern"]
    text: str
    share: float = 0.0
    moment: int = NEVER

    def fitted(self, data: Data) -> Bools:
        """Which rows (n,) are fitted on; all others are measured.

        By time, rows of the same moment stay together; by pattern, all rows of one. That of a pattern depends on its
        name alone, so that more data leave it where it is.

        Raises:
            PluginError: a row has no time, or one of the two parts is empty.
        """
        found = self._before(data) if self.by == "time" else self._chosen(data)
        if found.all() or not found.any():
            part = "measure" if found.all() else "fit on"
            raise PluginError(f"--split {self.text} leaves nothing to {part}: all {len(data):,} rows are on one side")
        return found

    def _before(self, data: Data) -> Bools:
        missing = int((data.time == NEVER).sum())
        if missing:
            raise PluginError(f"--split {self.text} needs a time in each row; {missing:,} have none that can be read")
        moment = self.moment
        if moment == NEVER:
            moment = int(np.sort(data.time)[int(self.share * len(data))])
        return np.asarray(data.time < moment)

    def _chosen(self, data: Data) -> Bools:
        chosen = np.array([_position(name) < self.share for name in data.groups])
        return np.asarray(chosen[data.group])


def parse_split(text: str, zone: tzinfo) -> Split:
    """`time=2026-03-01` (before it is fitted), `time:0.7` (the first 70 % of the rows are), `pattern:0.3` (30 % of the
    patterns are).

    Raises:
        ValueError: it is none of these; the message says so.
    """
    text = text.strip()
    if text.startswith("time="):
        moment = parse_time(text.removeprefix("time="), zone)
        if moment == NEVER:
            raise ValueError(f"{text!r} names no date or time; write time=2026-03-01 or time=2026-03-01T09:30")
        return Split("time", text, moment=moment)
    found = _SHARED.fullmatch(text)
    share = float(found["number"]) / (100 if found["percent"] else 1) if found else 0.0
    if found is None or not 0 < share < 1:
        raise ValueError(f"{text!r} is no split; write {FORMS}")
    return Split("time" if found["by"] == "time" else "pattern", text, share=share)


def _position(name: str) -> float:
    """From 0 to 1, evenly, by a hash of the name."""
    digest = hashlib.blake2b(name.encode(errors="surrogateescape"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
