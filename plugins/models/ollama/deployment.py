"""Tags that stand for a base with an adapter: made once, never changed, taken away when nobody needs them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sllm_core.models.adaptable import BaseWeights, DeploymentError
from sllm_core.models.language_model import ModelRefused

from .blobs import digest_of, find_blob, upload
from .failures import TUNED
from .weights import BLOBS, HEAD, read_weights, same_tag

if TYPE_CHECKING:
    from .server import OllamaServer

TAG = re.compile(rf"{TUNED}:[A-Za-z0-9][A-Za-z0-9._-]{{0,63}}")
"""Names of tags that may be made and deleted here; no other tag is ever touched."""


@dataclass(frozen=True)
class Deployment:
    """Adapters on one base, a tag of a server. Every call may raise ModelUnavailable or ModelRefused."""

    server: OllamaServer
    base_tag: str

    async def base(self) -> BaseWeights:
        """The weights of the base, and where their file is on this machine.

        Raises:
            DeploymentError: the tag has an adapter itself, or is not made of one file.
        """
        show = await self.server.show(self.base_tag)
        digest, told = self._file(show)
        about = {name: value for name, value in _mapping(show, "model_info").items() if value is not None}
        file = await asyncio.to_thread(find_blob, digest, told)
        return BaseWeights(self.base_tag, digest, about, str(show.get("template") or ""), file)

    async def deploy(self, tag: str, adapter: Path) -> str:
        """Make a tag of the base and an adapter; the digest of what stands behind it.

        Raises:
            DeploymentError: the tag has another content, or the server did not make what it should.
        """
        _check(tag)
        digest = await asyncio.to_thread(_digest, adapter)
        base, _ = self._file(await self.server.show(self.base_tag))
        wanted = Content({base}, {digest})
        if (there := await self._content(tag)) is not None:
            if there.content != wanted:
                what = f"{tag} is there already, with another content"
                raise DeploymentError(f"{what}; delete it if nobody needs it: ollama rm {tag}")
            return there.digest
        await self._make(tag, adapter, digest)
        there = await self._content(tag)
        if there is None or there.content != wanted:
            await self.withdraw(tag)
            raise DeploymentError(f"the server made {tag} of other weights than those of {self.base_tag}; try again")
        return there.digest

    async def withdraw(self, tag: str) -> None:
        """Delete a tag; that it is not there is fine.

        Raises:
            DeploymentError: it is none of those that are made here.
        """
        _check(tag)
        if await self._name(tag) is None:
            return
        try:
            await self.server.delete(tag)
        except ModelRefused:
            if await self._name(tag) is not None:
                raise

    async def deployed(self, tag: str) -> str | None:
        """The digest of what stands behind a tag; None where it is not there."""
        found = await self._content(tag)
        return None if found is None else found.digest

    async def tags(self) -> Mapping[str, str]:
        """All tags that were made here, and what stands behind each."""
        found = [each for each in await self.server.tags() if TAG.fullmatch(each)]
        known = {each: await self._content(each) for each in found}
        return {tag: each.digest for tag, each in known.items() if each is not None}

    def _file(self, show: Mapping[str, Any]) -> tuple[str, str]:
        """The SHA-256 of the weights of the base, and where the server says that they are."""
        found = blobs_of(show)
        if found.adapters:
            what = f"{self.base_tag} has an adapter itself; a second would be put on top of it"
            raise DeploymentError(f"{what}: set model in [plugins.ollama] to the tag that it was made from")
        if len(found.bases) != 1:
            raise DeploymentError(f"{self.base_tag} is made of {len(found.bases)} files; an adapter fits on one only")
        ((digest, told),) = found.bases.items()
        return digest, told

    async def _make(self, tag: str, adapter: Path, digest: str) -> None:
        # A file that no tag uses may be removed at any time, perhaps between the two calls: then once more.
        for last in (False, True):
            await upload(self.server, adapter, digest)
            try:
                # A base that is not there would be loaded from the network, so it is looked for right before.
                await self.server.show(self.base_tag)
                await self.server.create(tag, self.base_tag, digest)
                return
            except ModelRefused as error:
                if last or await self.server.has_blob(digest):
                    what = f"the server does not make {tag} of {self.base_tag} and the adapter"
                    raise DeploymentError(f"{what}: {error}") from error

    async def _content(self, tag: str) -> There | None:
        name = await self._name(tag)
        if name is None:
            return None
        try:
            show = await self.server.show(name)
        except ModelRefused:
            if await self._name(tag) is None:
                return None
            raise
        found = blobs_of(show)
        digest = read_weights(show).digest or (await self.server.tags()).get(name, "")
        return There(Content(set(found.bases), set(found.adapters)), digest)

    async def _name(self, tag: str) -> str | None:
        """As the server names the tag; asked first, since it would answer for others of a similar name."""
        return next((each for each in await self.server.tags() if same_tag(each, tag)), None)


@dataclass(frozen=True)
class Content:
    """What a tag is made of: the SHA-256 of bases and adapters."""

    bases: set[str]
    adapters: set[str]


@dataclass(frozen=True)
class There:
    """A tag of a server, and the digest of all that stands behind it."""

    content: Content
    digest: str


@dataclass(frozen=True)
class Blobs:
    """The files in a modelfile: SHA-256 and path of each base and adapter."""

    bases: Mapping[str, str]
    adapters: Mapping[str, str]


def blobs_of(show: Mapping[str, Any]) -> Blobs:
    """The files that an answer of /api/show names."""
    found: dict[str, dict[str, str]] = {"FROM": {}, "ADAPTER": {}}
    for line in str(show.get("modelfile") or "").splitlines():
        if line.strip() and not line.startswith(HEAD):
            break
        if match := BLOBS.match(line):
            found[match[1]][match[2]] = line.partition(" ")[2].strip().strip('"')
    return Blobs(found["FROM"], found["ADAPTER"])


def _digest(adapter: Path) -> str:
    try:
        return digest_of(adapter)
    except OSError as error:
        raise DeploymentError(f"the adapter {adapter} cannot be read: {error.strerror or error}") from error


def _check(tag: str) -> None:
    if not TAG.fullmatch(tag):
        raise DeploymentError(f"{tag[:100]!r} is no tag that adapters are put under: they begin with {TUNED}:")


def _mapping(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key)
    return value if isinstance(value, Mapping) else {}
