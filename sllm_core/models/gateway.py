"""The one way to a language model: whoever asks one, asks here."""

from __future__ import annotations

import asyncio
import random as chance
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import count
from typing import Protocol

from sllm_core.models.answer import Check, Mistake, read_completion, read_text
from sllm_core.models.breaker import Breaker, State
from sllm_core.models.cache import AnswerCache, Kept, KeptAnswers
from sllm_core.models.counts import Counts, Meter
from sllm_core.models.errors import ModelAbsent, NoAnswer, TooSlow
from sllm_core.models.language_model import (
    Completion,
    Identity,
    LanguageModel,
    ModelRefused,
    ModelUnavailable,
    Prompt,
)
from sllm_core.models.limits import Limits
from sllm_core.models.line import Line, Place
from sllm_core.models.mistakes import repaired
from sllm_core.models.reply import Reply
from sllm_core.models.running import Running
from sllm_core.models.schema import check_schema
from sllm_core.models.switchboard import Served, Switchboard
from sllm_core.models.weights import Memory, Weights
from sllm_core.tracing import span


class ModelStore(Memory, Protocol):
    """What a gateway needs of the store: answers by key, and single facts."""

    @property
    def answers(self) -> KeptAnswers: ...


class Gateway:
    """Asks one model at a time, in one event loop: by priority, within limits, and never twice what it has answered.

    An answer counts only if it is finished, obeys the schema strictly and passes the check; the model has one more try
    when it does not. It is told, and kept, under the weights that were there both before and after it was given.

    Args:
        store: keeps answers, and which weights were known last; None keeps nothing.
        clock: in seconds.
        sleep: waits for so many seconds.
        random: a number from 0 to 1.
    """

    def __init__(
        self,
        model: LanguageModel,
        limits: Limits | None = None,
        store: ModelStore | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        random: Callable[[], float] = chance.random,
    ) -> None:
        self._limits = limits or Limits()
        self._clock, self._sleep, self._random = clock, sleep, random
        self._running, self._store = Running(), store
        self._switchboard = Switchboard(model, self._weigh)
        self._cache = AnswerCache(None if store is None else store.answers)
        self._breaker = Breaker(self._limits.failures, self._limits.pause, self._limits.longest_pause, clock)
        self._line = Line(self._breaker, self._room, clock, sleep)
        self._meter = Meter()
        self._numbers = count()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    @property
    def model(self) -> LanguageModel:
        """The model that is configured."""
        return self._switchboard.configured.model

    @property
    def serving(self) -> LanguageModel:
        """The model that is asked now."""
        return self._switchboard.now.model

    def switch(self, model: LanguageModel | None) -> None:
        """Ask this model from now on, the one configured if None; from any thread, while calls are out or wait.

        A call that is out is answered by the model that it went to, and told under its weights, or repeated with this
        one. The gateway closes the model once another has taken its place.
        """
        if self._switchboard.switch(model) and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._line.reopen)

    @property
    def state(self) -> State:
        """Whether calls go out: `closed` as usual, `open` or `refused` not now, `half-open` one to try."""
        return self._breaker.state

    @property
    def concurrency(self) -> int:
        """How many calls go out at once, by what is known of the server."""
        return self._room()

    @property
    def reason(self) -> str:
        """What the last calls met, if they failed; "" if they did not."""
        return self._breaker.reason

    @property
    def counts(self) -> Counts:
        return self._meter.counts(self._line.turns.waiting, self._line.turns.running)

    @property
    def known(self) -> Identity | None:
        """What is known to answer, also while the server is away; None before the first contact."""
        return self._switchboard.now.weights.known

    async def recall(self) -> Identity | None:
        """What is known to answer, or what was known last in an earlier run."""
        return await self._switchboard.now.weights.recall()

    async def identity(self) -> Identity:
        """What answers, as it was at most `refresh` seconds ago.

        Raises:
            ModelAbsent: the server refuses every call.
            ModelUnavailable: it is away.
        """
        served = self._served()
        if served.weights.known is not None and served.weights.is_fresh:
            return served.weights.known
        async with self._line.aside():
            with served.used():
                return await served.weights.fresh()

    async def ready(self) -> None:
        """Wait until calls may go out: until the server, if it is left alone, is to be tried again.

        Raises:
            ModelUnavailable: the gateway was closed.
        """
        await self._line.ready()

    async def ask(
        self, prompt: Prompt, *, priority: float = 0.0, check: Check | None = None, patience: float | None = None
    ) -> Reply:
        """The answer to a prompt.

        Args:
            priority: the higher, the sooner; of equals the first.
            check: says what is wrong with values that obey the schema, in the language of the prompt, for the model to
                mend; None: nothing.
            patience: how many seconds to wait for a turn, while others have theirs or the server is away. None: as
                long as it takes.

        Raises:
            NoAnswer: what the model wrote is no valid answer.
            ModelRefused: the server refuses this prompt, or its schema is none that every server obeys.
            ModelAbsent: the server refuses every call; told at once, whatever the patience.
            ModelUnavailable: the server was away too often or for too long, or the gateway was closed.
        """
        started = self._clock()
        place = Place(priority, next(self._numbers), None if patience is None else started + patience)
        self._meter.count("asked")
        reply = await self._kept(prompt, check) or await self._answered(prompt, check, place)
        self._meter.count("hits", reply.cached)
        return replace(reply, seconds=self._clock() - started)

    async def close(self) -> None:
        """End what runs and what waits, with ModelUnavailable for who asked, and close the model."""
        if self._closed:
            return
        self._closed = True
        await self._line.close()
        await self._running.close()
        await self._switchboard.close()

    def _weigh(self, model: LanguageModel) -> Weights:
        limits = self._limits
        return Weights(model, self._store, self._running, limits.timeout, limits.refresh, self._clock)

    def _served(self) -> Served:
        """What is asked now, by a call of the running loop."""
        self._loop = asyncio.get_running_loop()
        return self._switchboard.now

    def _room(self) -> int:
        known = self._switchboard.now.weights.known
        return self._limits.concurrency or max(known.parallel if known else 1, 1)

    async def _answered(self, prompt: Prompt, check: Check | None, place: Place) -> Reply:
        check_schema(prompt.schema, prompt.task)
        try:
            return await self._tried(prompt, prompt, check, place)
        except Mistake as mistake:
            self._meter.count("repairs")
            return await self._mended(prompt, str(mistake), check, place)

    async def _mended(self, prompt: Prompt, mistake: str, check: Check | None, place: Place) -> Reply:
        try:
            return await self._tried(prompt, repaired(prompt, mistake), check, place)
        except (Mistake, ModelRefused) as error:
            self._meter.count("no_answers")
            raise NoAnswer(f"{prompt.task}: no valid answer: {mistake}; and when told so: {error}") from error

    async def _tried(self, prompt: Prompt, sent: Prompt, check: Check | None, place: Place) -> Reply:
        """The answer to what is sent for a prompt, after as many calls as it takes and the limits allow."""
        for attempt in count():
            try:
                async with self._line.turn(place):
                    served = self._served()
                    with served.used():
                        identity = await served.weights.fresh()
                        self._line.turns.wake()
                        if (reply := await self._found(identity, prompt, check)) is not None:
                            return reply
                        completion = await self._called(served, identity, sent)
                break
            except ModelUnavailable as error:
                self._meter.count("unavailable")
                if (reply := await self._kept(prompt, check)) is not None:
                    return reply
                await self._back_off(error, attempt, place)
            finally:
                await self._switchboard.tidy()
        values = read_completion(prompt, completion, check)
        await self._cache.save(identity, prompt, Kept(completion.text, completion.tokens))
        return Reply(values, completion.tokens, text=completion.text, model=identity.name)

    async def _called(self, served: Served, identity: Identity, prompt: Prompt) -> Completion:
        """What the model writes, if the same weights are there after it as before."""
        self._meter.count("calls")
        started = self._clock()
        try:
            with span("ask the model", task=prompt.task, model=identity.name):
                completion = await self._running.run(served.model.complete(prompt), self._limits.timeout)
        except ModelRefused:
            self._meter.count("refused")
            await served.weights.now()
            raise
        except ModelUnavailable:
            served.weights.suspect()
            raise
        self._meter.answered(completion, self._clock() - started)
        await served.weights.confirm(identity)
        return completion

    async def _back_off(self, error: ModelUnavailable, attempt: int, place: Place) -> None:
        """Wait before the next attempt, or raise the error if there is none."""
        longest = min(self._limits.backoff * 2**attempt, self._limits.longest_backoff)
        delay = self._random() * longest
        is_late = place.until is not None and self._clock() + delay > place.until
        is_final = self._closed or attempt >= self._limits.retries or isinstance(error, ModelAbsent | TooSlow)
        if is_late or is_final:
            raise error
        self._meter.count("retries")
        await self._running.run(self._wait(delay))

    async def _wait(self, seconds: float) -> None:
        await self._sleep(seconds)

    async def _kept(self, prompt: Prompt, check: Check | None) -> Reply | None:
        """The answer that was kept, if it was seen lately what answers, or cannot be seen as the server is away."""
        weights = self._switchboard.now.weights
        identity = await weights.recall()
        if identity is None or not (weights.is_fresh or self.reason):
            return None
        return await self._found(identity, prompt, check)

    async def _found(self, identity: Identity, prompt: Prompt, check: Check | None) -> Reply | None:
        kept = await self._cache.find(identity, prompt)
        if kept is None:
            return None
        try:
            return Reply(read_text(prompt, kept.text, check), kept.tokens, True, text=kept.text, model=identity.name)
        except Mistake:
            return None
