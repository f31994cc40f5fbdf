"""Claims in the store: for workers that come one after another, as only one at a time has the store."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sllm_core.clock.claims import Claim, ClaimsAway
from sllm_core.moments import microseconds
from sllm_core.store.database import Database, StoreError

KEPT = timedelta(days=31)
"""For how long it is known what was done."""


class StoreClaims:
    """The claims in a database. Whoever else has written there is gone: the store is one process's at a time."""

    name = "store"
    ttl = 0.0

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, key: str) -> Claim | None:
        """What is written under the key.

        Raises:
            ClaimsAway: the database cannot be read.
        """
        try:
            return await asyncio.to_thread(self._find, key)
        except StoreError as error:
            raise ClaimsAway(str(error)) from error

    async def put(self, claim: Claim, before: Claim | None) -> Claim | None:
        """Write a claim in the place of what was there before; None where that has changed.

        Raises:
            ClaimsAway: the database refused; nothing was written.
        """
        try:
            return await asyncio.to_thread(self._put, claim, before)
        except StoreError as error:
            raise ClaimsAway(str(error)) from error

    def _find(self, key: str) -> Claim | None:
        with self._database.reading() as connection:
            row = connection.execute("SELECT version, claim FROM claims WHERE key = ?", (key,)).fetchone()
        return None if row is None else Claim(key=key, version=str(row[0]), **json.loads(row[1]))

    def _put(self, claim: Claim, before: Claim | None) -> Claim | None:
        version = 0 if before is None else int(before.version)
        now = datetime.now(UTC)
        values = (json.dumps(claim.to_json()), microseconds(now), claim.key)
        with self._database.transaction() as connection:
            if before is None:
                connection.execute("DELETE FROM claims WHERE stored < ?", (microseconds(now - KEPT),))
                query = "INSERT OR IGNORE INTO claims (version, claim, stored, key) VALUES (1, ?, ?, ?)"
                changed = connection.execute(query, values).rowcount
            else:
                query = "UPDATE claims SET version = version + 1, claim = ?, stored = ? WHERE key = ? AND version = ?"
                changed = connection.execute(query, (*values, version)).rowcount
        return replace(claim, version=str(version + 1)) if changed else None
