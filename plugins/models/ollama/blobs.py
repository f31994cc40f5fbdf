"""Files of an Ollama server by their SHA-256: sent to it, and found on this machine where it keeps them here."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sllm_core.models.adaptable import DeploymentError
from sllm_core.models.language_model import ModelUnavailable

if TYPE_CHECKING:
    from .server import OllamaServer

PIECE = 1 << 20
"""Bytes that are read and sent at once."""
TRIES = 3
"""How often a file is sent that the server did not get whole."""
PLACES = ("~/.ollama/models", "/usr/share/ollama/.ollama/models", "/var/lib/ollama/.ollama/models")
"""Where servers keep their files that were told no other place."""


async def upload(server: OllamaServer, file: Path, digest: str) -> None:
    """See that the server has a file; what it has already is not sent again.

    Raises:
        ModelUnavailable, ModelRefused
        DeploymentError: the file cannot be read, or changes while it is.
    """
    for last in range(TRIES - 1, -1, -1):
        if await server.has_blob(digest):
            return
        try:
            await server.put_blob(digest, _pieces(file), file.stat().st_size)
        except OSError as error:
            raise DeploymentError(f"{file} cannot be read: {error.strerror or error}") from error
        except ModelUnavailable:
            if not last:
                raise


def digest_of(file: Path) -> str:
    """The SHA-256 of a file, 64 hexadecimal digits.

    Raises:
        OSError: it cannot be read.
    """
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def find_blob(digest: str, told: str) -> Path | None:
    """Where a file lies on this machine that may be read and is what it should be; None where it does not.

    Args:
        told: where the server says that it is.
    """
    for place in dict.fromkeys(_places(digest, told)):
        try:
            if place.is_file() and digest_of(place) == digest:
                return place
        except OSError:
            continue
    return None


def _places(digest: str, told: str) -> Iterator[Path]:
    for folder in (os.environ.get("OLLAMA_MODELS", ""), *PLACES):
        if folder:
            yield Path(folder).expanduser() / "blobs" / f"sha256-{digest}"
    if told:
        yield Path(told)


async def _pieces(file: Path) -> AsyncIterator[bytes]:
    opened = await asyncio.to_thread(file.open, "rb")
    try:
        while piece := await asyncio.to_thread(opened.read, PIECE):
            yield piece
    finally:
        opened.close()
