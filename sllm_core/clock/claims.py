"""What of many workers one alone is to do: a key, who has claimed it, and how that stands."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Protocol

ClaimState = Literal["held", "free", "done"]


@dataclass(frozen=True)
class Claim:
    """What is written under a key.

    `held`: its owner is at it, and writes again and again for as long; `free`: left undone, so that anybody may claim
    it; `done`: for good. `beat` counts the writings of an owner, `note` is for people. `version` is another after each
    writing; it means something to the place alone where the claim is written.
    """

    key: str
    owner: str
    state: ClaimState = "held"
    beat: int = 0
    note: str = ""
    version: str = ""

    def to_json(self) -> dict[str, Any]:
        """All but the version, and the key, under which it is written."""
        return {name: value for name, value in asdict(self).items() if name not in ("key", "version")}

    def after(self, state: ClaimState, note: str | None = None) -> Claim:
        """What its owner writes next."""
        return replace(self, state=state, beat=self.beat + 1, note=self.note if note is None else note)


class ClaimsAway(Exception):
    """The place where claims are written cannot be asked now; the text says why."""


class Claims(Protocol):
    """Where workers write what they claim, so that one alone does it. `name` is unique among those of plugins.

    An owner of whom nothing was written for `ttl` seconds is dead; 0: every other owner is, since one process at a time
    writes there. Nobody's clock counts but that of who watches.
    """

    name: str
    ttl: float

    async def find(self, key: str) -> Claim | None:
        """What is written under the key, as it is at this moment.

        Raises:
            ClaimsAway: it cannot be read now.
        """
        ...

    async def put(self, claim: Claim, before: Claim | None) -> Claim | None:
        """Write a claim in the place of what `find` or `put` gave before, None for nothing; both by one step.

        Returns it with its version; None where something else is written there by now.

        Raises:
            ClaimsAway: it is not known whether it was written.
        """
        ...
