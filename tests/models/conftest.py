"""What several tests of the gateway need: time that passes without waiting, a schema, and questions about it."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from sllm_core.models import Gateway, LanguageModel, Limits, Prompt
from sllm_core.models.gateway import ModelStore

Run = Callable[[Coroutine[Any, Any, Any]], Any]
"""`run(coroutine)`: what it returns; where it would wait for a time, that time has passed at once."""
Open = Callable[..., Gateway]
"""`opened(model, limits, store)`: a gateway in the running loop, whose backoffs are the longest."""
Ask = Callable[..., Prompt]
"""`question("text")`: a prompt whose answer has the one property `label`, good or bad."""


class Jumping(selectors.SelectSelector):
    """Does not wait for the next timer but moves the time there."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        self.now += timeout
        return super().select(0)


class Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.jumping = Jumping()
        super().__init__(self.jumping)

    def time(self) -> float:
        return self.jumping.now

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Without a limit, which would have passed at once."""
        await super().shutdown_default_executor()


@pytest.fixture(scope="session")
def run() -> Run:
    return _run


def _run(work: Coroutine[Any, Any, Any]) -> object:
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(work)


@pytest.fixture(scope="session")
def opened() -> Open:
    return _opened


def _opened(model: LanguageModel, limits: Limits | None = None, store: ModelStore | None = None) -> Gateway:
    return Gateway(model, limits, store, clock=asyncio.get_running_loop().time, random=lambda: 1.0)


@pytest.fixture(scope="session")
def question() -> Ask:
    return _question


def _question(user: str = "how is it?", language: str = "en", version: str = "1", task: str = "judge") -> Prompt:
    schema = {
        "type": "object",
        "properties": {"label": {"type": "string", "enum": ["good", "bad"]}},
        "required": ["label"],
        "additionalProperties": False,
    }
    return Prompt(task, version, language, "Say good or bad.", user, schema)
