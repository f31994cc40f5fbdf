"""Answers that were given before."""

from __future__ import annotations

import asyncio
import json
import logging
import zlib
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Protocol

import orjson

from sllm_core.models.language_model import Identity, Prompt, Token
from sllm_core.plugin import PluginError

FORM = "1"
"""The version of what keys and kept answers look like."""
DIGITS = 4
"""To how many digits behind the point log-probabilities are kept."""


class KeptAnswers(Protocol):
    """Where answers are kept, by keys that say what was asked and of whom."""

    def find(self, key: bytes, /, *, wait: bool) -> bytes | None:
        """The answer of a key.

        Raises:
            BlockingIOError: it would take long, and this is not to `wait`.
        """
        ...

    def save(self, key: bytes, answer: bytes, /) -> None: ...


@dataclass(frozen=True)
class Kept:
    """The text of an answer, and how it was written."""

    text: str
    tokens: tuple[Token, ...] | None = None


class AnswerCache:
    """Keeps valid answers by the weights that gave them and all that was asked; None keeps nothing.

    Where the server does not tell its weights, the tag stands for them. A store that fails costs a call, no answer.
    """

    def __init__(self, kept: KeptAnswers | None) -> None:
        self._kept = kept

    async def find(self, identity: Identity, prompt: Prompt) -> Kept | None:
        if self._kept is None:
            return None
        key = answer_key(identity, prompt)
        try:
            found = await self._found(self._kept, key)
            return None if found is None else _read(found)
        except (PluginError, ValueError, TypeError, zlib.error) as error:
            logging.getLogger("sllm.models").warning("a kept answer cannot be read: %s", error)
            return None

    async def save(self, identity: Identity, prompt: Prompt, kept: Kept) -> None:
        if self._kept is None:
            return
        try:
            await asyncio.to_thread(self._kept.save, answer_key(identity, prompt), _written(kept))
        except PluginError as error:
            logging.getLogger("sllm.models").warning("an answer cannot be kept: %s", error)

    async def _found(self, kept: KeptAnswers, key: bytes) -> bytes | None:
        try:
            return kept.find(key, wait=False)
        except BlockingIOError:
            return await asyncio.to_thread(kept.find, key, wait=True)


def answer_key(identity: Identity, prompt: Prompt) -> bytes:
    """What was asked and of whom: 32 bytes."""
    weights = ("digest", identity.digest) if identity.digest else ("tag", identity.tag)
    asked = (prompt.task, prompt.version, prompt.language, prompt.system, prompt.user)
    parts = (FORM, *weights, *asked, json.dumps(dict(prompt.schema)), str(prompt.length))
    key = blake2b(digest_size=32)
    for each in parts:
        data = each.encode(errors="surrogatepass")
        key.update(b"%d:" % len(data))
        key.update(data)
    return key.digest()


def _written(kept: Kept) -> bytes:
    tokens = None if kept.tokens is None else [_token(each) for each in kept.tokens]
    return zlib.compress(json.dumps([kept.text, tokens], separators=(",", ":")).encode(), 1)


def _token(token: Token) -> list[Any]:
    return [
        token.text,
        round(token.logprob, DIGITS),
        [[text, round(each, DIGITS)] for text, each in token.alternatives],
    ]


def _read(answer: bytes) -> Kept:
    text, tokens = orjson.loads(zlib.decompress(answer))
    if tokens is None:
        return Kept(text)
    return Kept(text, tuple(Token(each, logprob, tuple(map(tuple, others))) for each, logprob, others in tokens))
