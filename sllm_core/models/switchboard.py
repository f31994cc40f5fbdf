"""Which model is asked: the one that is configured, or another that has taken its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from sllm_core.models.language_model import LanguageModel
from sllm_core.models.weights import Weights


class Served:
    """A model with what is known of its weights, and how many of its calls are out."""

    def __init__(self, model: LanguageModel, weights: Weights) -> None:
        self.model, self.weights = model, weights
        self.calls = 0

    @contextmanager
    def used(self) -> Iterator[None]:
        """Calls go out meanwhile; the model is not closed before they have ended."""
        self.calls += 1
        try:
            yield
        finally:
            self.calls -= 1


class Switchboard:
    """Gives calls the model of now; it may be switched from any thread while others are out.

    A model that another took the place of is closed when its last call has ended, in the loop of the calls; the one
    that is configured stays open.

    Args:
        weigh: what is known of the weights of a model.
    """

    def __init__(self, configured: LanguageModel, weigh: Callable[[LanguageModel], Weights]) -> None:
        self._weigh, self._turn = weigh, Lock()
        self.configured = Served(configured, weigh(configured))
        self.now = self.configured
        self._replaced: list[Served] = []

    def switch(self, model: LanguageModel | None) -> bool:
        """The next calls go to this model, to the one configured if None; whether that is another than before."""
        with self._turn:
            if model is self.now.model or (model is None and self.now is self.configured):
                return False
            if self.now is not self.configured:
                self._replaced.append(self.now)
            self.now = self._served(model)
            self.now.weights.suspect()
            return True

    async def tidy(self) -> None:
        """Close what was replaced and has no call out."""
        with self._turn:
            idle = [each for each in self._replaced if not each.calls]
            self._replaced = [each for each in self._replaced if each.calls]
        for each in idle:
            await each.model.close()

    async def close(self) -> None:
        """Close every model, whatever calls are out."""
        with self._turn:
            served = [*self._replaced, *{id(each): each for each in (self.now, self.configured)}.values()]
            self._replaced = []
        for each in served:
            await each.model.close()

    def _served(self, model: LanguageModel | None) -> Served:
        if model is None or model is self.configured.model:
            return self.configured
        again = next((each for each in self._replaced if each.model is model), None)
        if again is None:
            return Served(model, self._weigh(model))
        self._replaced.remove(again)
        return again
