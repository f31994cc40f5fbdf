"""Claims that last as long as their owner lives: taken, kept, given back; and taken over from who has died.

Nobody compares clocks. A claim is dead when who wants it has watched it for its whole `ttl` and nothing was written; so
it does not matter how far the clocks of workers are apart. Its owner writes four times as often, and once it could not
write for most of that time it no longer counts on the claim: nothing may become visible before it could write again.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
import time
from collections.abc import Awaitable, Callable

from sllm_core.clock.claims import Claim, Claims, ClaimsAway, ClaimState

BEATS = 4
"""So often a claim is renewed while it would take to be held for dead."""

SURE = 0.8
"""For which part of `ttl` since its last writing an owner is sure that the claim is its own."""

ENDING = 5.0
"""Seconds in which a claim is given back, or not at all: it is held for dead in time."""

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[object]]


def since_boot() -> float:
    """Seconds that go on while the machine sleeps, where the system counts them."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


def this_owner() -> str:
    """A name for this process that no other has had: machine, process, chance."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


class Lease:
    """A claim of our own, until it is `lost` to another, or `over` because we have ended it.

    Args:
        asked: when (by `clock`) the claim was written.
    """

    def __init__(self, claims: Claims, claim: Claim, asked: float, clock: Clock, sleep: Sleep) -> None:
        self._claims, self.claim, self._sure_since = claims, claim, asked
        self._clock, self._sleep = clock, sleep
        self.lost = self.over = False

    @property
    def sure(self) -> bool:
        """Whether nobody else can have it at this moment."""
        lasting = self._claims.ttl * SURE
        return not self.lost and (not lasting or self._clock() - self._sure_since < lasting)

    async def keep(self) -> None:
        """Renew it, also beyond outages; returns once it is lost."""
        is_told = False
        while not self.lost:
            await self._sleep(self._claims.ttl / BEATS or 3600.0)
            try:
                await self._write("held")
                is_told = False
            except ClaimsAway as error:
                if not is_told:
                    told = {"claim": self.claim.key, "reason": str(error)}
                    logging.getLogger("sllm.clock").warning("a claim cannot be renewed now", extra=told)
                is_told = True

    async def end(self, state: ClaimState, note: str = "") -> bool:
        """Give it back: `done` for good, or `free` for others. Whether that is written."""
        self.over = True
        try:
            async with asyncio.timeout(ENDING):
                return not self.lost and await self._write(state, note)
        except (ClaimsAway, TimeoutError) as error:
            told = {"claim": self.claim.key, "reason": str(error) or "no answer"}
            logging.getLogger("sllm.clock").warning("a claim could not be given back", extra=told)
            return False

    async def _write(self, state: ClaimState, note: str | None = None) -> bool:
        asked = self._clock()
        while (written := await self._claims.put(self.claim.after(state, note), self.claim)) is None:
            found = await self._claims.find(self.claim.key)
            if found is None or found.owner != self.claim.owner:
                self.lost = True
                return False
            self.claim, asked = found, self._clock()  # an earlier writing of ours, of which no answer came
        self.claim, self._sure_since = written, asked
        return True


class Leases:
    """Takes claims for one owner.

    Args:
        owner: a name that no other process has, nor an earlier one.
        clock: seconds that go on while the machine sleeps; by them an owner is sure of its claim.
        watch: seconds in which others are watched.
    """

    def __init__(
        self,
        claims: Claims,
        owner: str,
        *,
        clock: Clock = since_boot,
        watch: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.claims, self.owner = claims, owner
        self._clock, self._watch, self._sleep = clock, watch, sleep
        self._seen: dict[str, tuple[str, float]] = {}
        self._own: dict[str, Lease] = {}

    async def take(self, key: str, note: str = "") -> Lease | Claim:
        """The claim of a key as a lease, if it is free or its owner is dead; else what stands there.

        To find out that an owner is dead, call it again and again.

        Raises:
            ClaimsAway: it is not known.
        """
        found = await self._find(key)
        if found is not None and not self._may_take(found):
            return found
        asked, beat = self._clock(), 0 if found is None else found.beat + 1
        written = await self.claims.put(Claim(key, self.owner, beat=beat, note=note), found)
        if written is None:
            return await self.claims.find(key) or Claim(key, "")
        self._seen.pop(key, None)
        self._own[key] = lease = Lease(self.claims, written, asked, self._clock, self._sleep)
        return lease

    async def watch(self, key: str) -> None:
        """Begin to watch the owner of a claim, so that it is known sooner when it is dead.

        Raises:
            ClaimsAway: it cannot be read now.
        """
        found = await self._find(key)
        if found is not None and found.state == "held":
            self._is_dead(found)

    async def _find(self, key: str) -> Claim | None:
        try:
            return await self.claims.find(key)
        except ClaimsAway:
            self._seen.clear()  # its owner could not write either
            raise

    def _may_take(self, found: Claim) -> bool:
        if found.state != "held":
            return found.state == "free"
        if found.owner == self.owner:
            own = self._own.get(found.key)
            return own is None or own.lost or own.over  # the answer to our writing never came
        return self._is_dead(found)

    def _is_dead(self, found: Claim) -> bool:
        now = self._watch()
        version, since = self._seen.get(found.key, ("", now))
        if version != found.version:
            version, since = found.version, now
        self._seen[found.key] = version, since
        return now - since >= self.claims.ttl
