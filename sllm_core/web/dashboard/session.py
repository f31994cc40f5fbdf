"""Sessions of browsers: a signed cookie that names an API key. Nothing is kept of them but which were ended early."""

from __future__ import annotations

import hmac
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b, sha256
from typing import Protocol

LASTS = 12 * 3600
"""Seconds from a sign-in to its end, however much was done meanwhile: one for each day at work."""

ENDED = 10_000
"""So many sessions that were ended early are remembered, until they would have ended anyway."""

_ID = re.compile(r"[A-Za-z0-9_-]{22}")
_COOKIE = re.compile(
    r"(?P<id>[A-Za-z0-9_-]{22})\.(?P<expires>[0-9]{1,12})\.(?P<digest>[0-9a-f]{64})\.(?P<mark>[0-9a-f]{64})"
)
_FACT = "dashboard.ended"


class Memory(Protocol):
    """What sessions need of the store."""

    def secret(self) -> bytes: ...

    def remember(self, name: str, value: object) -> None: ...

    def recall(self, name: str) -> object: ...


@dataclass(frozen=True)
class Session:
    """One sign-in of one browser, with the key of a digest; `expires` in seconds since 1970."""

    id: str
    digest: str
    expires: int


class Sessions:
    """Makes cookies and reads them.

    The cookie is signed with a secret of this store, names the digest of the key and when it ends. So there is no table
    of sessions, a restart ends none, and a key that is revoked ends all of its own: whoever reads a cookie looks the
    key up each time. A browser without a session has an id of its own too, as a visitor; what it sends is recognised by
    a token that belongs to that id, so a form that another site made for it is not.

    `cookie` and `visitor` are the names of the cookies. They have the store in them, since a browser tells services
    that differ in nothing but the port the same cookies.

    Args:
        clock: seconds since 1970.
    """

    def __init__(self, memory: Memory, *, clock: Callable[[], float] = time.time) -> None:
        secret = memory.secret()
        self._signing, self._forms = (_key(secret, each) for each in (b"session", b"forms"))
        self.cookie = f"sllm-{_key(secret, b'cookie').hex()[:8]}"
        self.visitor = f"{self.cookie}-visitor"
        self._memory, self._clock = memory, clock
        kept = memory.recall(_FACT)
        self._ended: dict[str, int] = dict(kept) if isinstance(kept, dict) else {}

    def begin(self, digest: str) -> tuple[Session, str]:
        """A new session with the key of this digest, and its cookie."""
        session = Session(new_id(), digest, int(self._clock()) + LASTS)
        told = _told(session)
        return session, f"{told}.{self._mark(told)}"

    def read(self, cookie: str) -> Session | None:
        """The session of a cookie; None if it is none of ours, was changed, has expired or was ended."""
        found = _COOKIE.fullmatch(cookie)
        if found is None:
            return None
        session = Session(found["id"], f"sha256:{found['digest']}", int(found["expires"]))
        if not hmac.compare_digest(self._mark(_told(session)), found["mark"]):
            return None
        return session if self.holds(session) else None

    def holds(self, session: Session) -> bool:
        """Whether it has neither expired nor been ended."""
        return self._clock() < session.expires and session.id not in self._ended

    def end(self, session: Session) -> None:
        """End a session for good, whoever else has its cookie.

        Raises:
            StoreError: that cannot be written down.
        """
        now = self._clock()
        lasting = [(id, until) for id, until in self._ended.items() if until > now][1 - ENDED :]
        self._ended = {**dict(lasting), session.id: session.expires}
        self._memory.remember(_FACT, self._ended)

    def token(self, id: str) -> str:
        """What stands in the forms of the session or the visitor with this id."""
        return hmac.new(self._forms, id.encode(), sha256).hexdigest()

    def is_token(self, id: str, given: str) -> bool:
        """Whether that is what stands in its forms; takes as long whatever is given."""
        return hmac.compare_digest(self.token(id).encode(), given.encode(errors="replace"))

    def _mark(self, told: str) -> str:
        return hmac.new(self._signing, told.encode(), sha256).hexdigest()


def new_id() -> str:
    """128 random bits in 22 characters."""
    return secrets.token_urlsafe(16)


def is_id(text: str) -> bool:
    """Whether a text is as `new_id` makes them."""
    return _ID.fullmatch(text) is not None


def _told(session: Session) -> str:
    return f"{session.id}.{session.expires}.{session.digest.removeprefix('sha256:')}"


def _key(secret: bytes, purpose: bytes) -> bytes:
    """A key for one purpose, from which neither the secret nor the key for another follows."""
    return blake2b(secret, digest_size=32, person=purpose).digest()
