"""API keys: only their digests are kept, in config.toml and in a file beside the store."""

from __future__ import annotations

import contextlib
import fcntl
import hmac
import json
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from sllm_core.plugin import PluginError
from sllm_core.settings import Settings
from sllm_core.settings.sections import KeyScope

FILE = "keys.json"
NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True)
class Key:
    """What is known of a key: `digest` is that of the key, `rate` None where that of the service holds.

    A key has 256 random bits, so a plain hash is as good as a slow one: nobody can try them out.
    """

    name: str
    digest: str
    scopes: tuple[KeyScope, ...]
    rate: float | None = None
    created: datetime | None = None

    def is_that_of(self, digest: str) -> bool:
        """Whether the digest is that of this key; takes as long whatever it is."""
        return hmac.compare_digest(self.digest, digest)


def digest_of(key: str) -> str:
    """What is kept of a key."""
    return f"sha256:{sha256(key.encode(errors='surrogateescape')).hexdigest()}"


def new_key(name: str, scopes: Sequence[KeyScope], rate: float | None) -> tuple[str, Key]:
    """A key for a client, and what is to be kept of it."""
    text = f"sllm_{secrets.token_urlsafe(32)}"
    return text, Key(name, digest_of(text), tuple(scopes), rate, datetime.now(UTC).replace(microsecond=0))


def key_file(settings: Settings) -> Path:
    """Where `sllm key` keeps keys."""
    return settings.store.path / FILE


def configured_keys(settings: Settings) -> tuple[Key, ...]:
    """The keys in config.toml."""
    return tuple(Key(each.name, each.digest, each.scopes, each.rate) for each in settings.service.keys)


def read_keys(path: Path) -> tuple[Key, ...]:
    """The keys in a file; none where there is no file.

    Raises:
        PluginError: it cannot be read, or holds something else.
    """
    try:
        return tuple(TypeAdapter(list[Key]).validate_json(path.read_bytes()))
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise PluginError(f"{path}: cannot be read: {error.strerror}; it holds the API keys") from error
    except ValidationError as error:
        raise PluginError(f"{path}: holds no API keys; restore it, or remove it and make new ones") from error


@contextlib.contextmanager
def changing(path: Path) -> Iterator[dict[str, Key]]:
    """The keys in a file by name; what is changed in them meanwhile is written as a whole, for the owner's eyes only.

    Raises:
        PluginError: the file cannot be read or written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            keys = {each.name: each for each in read_keys(path)}
            yield keys
            _write(path, tuple(keys.values()))
    except OSError as error:
        raise PluginError(f"{path}: cannot be written: {error.strerror}") from error


def _write(path: Path, keys: Sequence[Key]) -> None:
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump([asdict(each) for each in keys], file, indent=1, default=datetime.isoformat)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
