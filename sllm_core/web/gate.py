"""Who is let in, and how often: by API keys, which may come and go while the service runs."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sllm_core.plugin import PluginError
from sllm_core.settings.sections import KeyScope
from sllm_core.web.keys import Key, digest_of, read_keys
from sllm_core.web.problems import Problem, busy
from sllm_core.web.scopes import SCOPES

LOOK = 1.0
"""Seconds between two looks at the file of keys."""

BURST = 2.0
"""For how many seconds' worth a client that was quiet may send at once."""


LOCAL = Key("local", "", SCOPES)
"""What those on this machine hold where no key is needed."""


class Gate:
    """Knows the keys, and how often each has been used of late.

    `needs_key` tells whether strangers are sent away: if there are keys, or ever were while it stood.

    Args:
        configured: keys that do not change.
        file: where others are, read again when it changes; a file that cannot be read changes nothing.
        rate: requests a second for keys that have none of their own; 0 for any number.
        clock: in seconds.

    Raises:
        PluginError: the file cannot be read at the start.
    """

    def __init__(
        self,
        configured: Sequence[Key] = (),
        file: Path | None = None,
        rate: float = 0.0,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._configured, self._file, self._rate, self._clock = tuple(configured), file, rate, clock
        self._seen = self._looks()
        self._keys = self._configured + (read_keys(file) if file else ())
        self._looked = clock()
        self.needs_key = bool(self._keys)
        self._buckets: dict[str, tuple[float, float]] = {}

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys that hold now."""
        if self._file is not None and self._clock() - self._looked >= LOOK:
            self._looked = self._clock()
            self._look(self._file)
        return self._keys

    def admit(self, headers: Mapping[bytes, bytes]) -> tuple[KeyScope, ...]:
        """What a client with these headers may do; nothing without a key where one is needed.

        Raises:
            Problem: its key is none, or was used too often.
        """
        key = self.identify(headers)
        return () if key is None else key.scopes

    def identify(self, headers: Mapping[bytes, bytes]) -> Key | None:
        """The key of a client with these headers: LOCAL where none is needed, None where it brings none.

        Raises:
            Problem: its key is none, or was used too often.
        """
        presented = _presented(headers)
        if self.holds(LOCAL):
            return LOCAL
        if presented is None:
            return None
        if (key := self.find(digest_of(presented))) is None:
            raise Problem(401, "there is no such API key", headers={"WWW-Authenticate": 'Bearer realm="sllm"'})
        self.take(key)
        return key

    def find(self, digest: str) -> Key | None:
        """The key of this digest, None if none that holds now has it."""
        found = [each for each in self.keys if each.is_that_of(digest)]
        return found[0] if found else None

    def holds(self, key: Key) -> bool:
        """Whether who was let in with the key still would be."""
        if key is not LOCAL:
            return self.find(key.digest) is not None
        return not (self.keys or self.needs_key)

    def take(self, key: Key) -> None:
        """One request more: a bucket that fills with the rate and holds what is for BURST seconds.

        Raises:
            Problem: the key was used too often.
        """
        rate = self._rate if key.rate is None else key.rate
        if not rate:
            return
        now, size = self._clock(), max(rate * BURST, 1.0)
        left, since = self._buckets.get(key.name, (size, now))
        left = min(left + (now - since) * rate, size)
        if left < 1:
            raise busy(f"the key {key.name} may send {rate:g} requests a second", (1 - left) / rate, 429)
        self._buckets[key.name] = (left - 1, now)

    def change(self, configured: Sequence[Key], rate: float) -> None:
        """From now on these are the configured keys, beside those of the file, and this is the rate of most."""
        self._keys = (*configured, *self._keys[len(self._configured) :])
        self._configured, self._rate = tuple(configured), rate
        self.needs_key |= bool(self._keys)

    def _look(self, file: Path) -> None:
        if (seen := self._looks()) == self._seen:
            return
        try:
            self._keys = self._configured + read_keys(file)
        except PluginError as error:
            logging.getLogger("sllm.web").error("the API keys stay as they were", extra={"reason": str(error)})
        self._seen = seen
        self.needs_key |= bool(self._keys)

    def _looks(self) -> object:
        try:
            found = self._file.stat() if self._file else None
        except OSError:
            return None
        return found and (found.st_ino, found.st_mtime_ns, found.st_size)


def _presented(headers: Mapping[bytes, bytes]) -> str | None:
    kind, _, value = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if kind.lower() == "bearer":
        return value.strip()
    key = headers.get(b"x-api-key")
    return None if key is None else key.decode("latin-1").strip()
