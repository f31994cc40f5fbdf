"""Which weights answer: asked for, kept, and asked for again whenever they may have changed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict
from math import inf
from typing import Protocol

from sllm_core.models.errors import ModelAbsent
from sllm_core.models.language_model import Identity, LanguageModel, ModelRefused, ModelUnavailable
from sllm_core.models.running import Running
from sllm_core.plugin import PluginError


class Memory(Protocol):
    """What keeps single facts from one run to the next, as JSON values."""

    def remember(self, name: str, value: object, /) -> None: ...

    def recall(self, name: str, /) -> object: ...


class Weights:
    """The identity of what answers.

    Args:
        memory: keeps it for runs that begin while the server is away.
        timeout, refresh: after how many seconds asking is given up, and an identity is asked for again.
        clock: in seconds.
    """

    def __init__(
        self,
        model: LanguageModel,
        memory: Memory | None,
        running: Running,
        timeout: float,
        refresh: float,
        clock: Callable[[], float],
    ) -> None:
        self._model, self._memory, self._running = model, memory, running
        self._timeout, self._refresh, self._clock = timeout, refresh, clock
        self._lock = asyncio.Lock()
        self._recalled = memory is None
        self._begun = self._last = 0
        self._asked = -inf
        self._failure: ModelUnavailable | None = None
        self.known: Identity | None = None

    @property
    def is_fresh(self) -> bool:
        return self._clock() - self._asked < self._refresh

    def suspect(self) -> None:
        """Something happened after which other weights may answer."""
        self._asked = -inf

    async def fresh(self) -> Identity:
        """The identity as it was not long ago.

        Raises:
            ModelUnavailable, ModelAbsent
        """
        if self.known is not None and self.is_fresh:
            return self.known
        return await self.now()

    async def now(self) -> Identity:
        """The identity as it is after this call began; callers at the same time share one question to the server.

        Raises:
            ModelUnavailable, ModelAbsent
        """
        before = self._begun
        async with self._lock:
            if self._last <= before:
                await self._identify()
            if self._failure is not None:
                raise type(self._failure)(*self._failure.args)
            assert self.known is not None, "what was asked for without a failure is known"
            return self.known

    async def confirm(self, identity: Identity) -> None:
        """See that what answered until now is what was known before.

        Raises:
            ModelUnavailable, ModelAbsent: it cannot be seen, or is another.
        """
        if identity.digest and (await self.now()).digest != identity.digest:
            raise ModelUnavailable(f"the weights of {identity.tag} were replaced while they answered")

    async def recall(self) -> Identity | None:
        """The identity that was known last, in this run or an earlier one."""
        if not self._recalled and self.known is None and self._memory is not None:
            self._recalled = True
            found = await self._recall(self._memory)
            self.known = self.known or found
        return self.known

    @property
    def _name(self) -> str:
        return f"identity.{self._model.name}"

    async def _identify(self) -> None:
        self._begun += 1
        number, asked = self._begun, self._clock()
        try:
            identity = await self._running.run(self._model.identify(), self._timeout)
        except (ModelRefused, ModelUnavailable) as error:
            self._last, self._asked = number, -inf
            self._failure = ModelAbsent(str(error)) if isinstance(error, ModelRefused) else error
            return
        changed = identity != self.known
        self.known, self._last, self._asked, self._failure = identity, number, asked, None
        if changed and self._memory is not None:
            await self._remember(self._memory, identity)

    async def _recall(self, memory: Memory) -> Identity | None:
        try:
            return _identity(await asyncio.to_thread(memory.recall, self._name))
        except PluginError as error:
            logging.getLogger("sllm.models").warning("%s", error)
            return None

    async def _remember(self, memory: Memory, identity: Identity) -> None:
        try:
            await asyncio.to_thread(memory.remember, self._name, asdict(identity))
        except PluginError as error:
            logging.getLogger("sllm.models").warning("%s", error)


def _identity(data: object) -> Identity | None:
    """The identity that was remembered; None if it is none."""
    try:
        known = dict(data) if isinstance(data, Mapping) else {}
        return Identity(**{**known, "special": tuple(known["special"])})
    except (KeyError, TypeError):
        return None
