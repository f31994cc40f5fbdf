from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest

from sllm_core.models import Gateway, Identity, Limits, ModelRefused, ModelUnavailable, Prompt, TooSlow
from sllm_core.store import Store
from sllm_core.testing import SCRIPTED, ScriptedModel

Run = Callable[[Coroutine[Any, Any, Any]], Any]
Open = Callable[..., Gateway]
Ask = Callable[..., Prompt]

LLAMA = Identity("llama3", "ab" * 32, 2, 8192, ("<|eot_id|>",))


def test_who_answers_is_asked_once_in_a_while(run: Run, opened: Open) -> None:
    async def ask() -> list[int]:
        gateway, counts = opened(model, Limits(refresh=60)), []
        for seconds in (0, 59, 2):
            await asyncio.sleep(seconds)
            await gateway.identity()
            counts.append(model.identified)
        return counts

    model = ScriptedModel([])
    assert run(ask()) == [1, 1, 2]


def test_who_answers_is_asked_again_after_a_failure(run: Run, opened: Open, question: Ask) -> None:
    async def ask() -> str:
        gateway = opened(model, Limits(retries=0))
        await gateway.identity()
        with pytest.raises(ModelUnavailable):
            await gateway.ask(question())
        model.identity = replace(SCRIPTED, digest="ab" * 32)
        return (await gateway.ask(question())).model

    model = ScriptedModel([ModelUnavailable("down"), {"label": "good"}])
    assert run(ask()) == "scripted@abababababab"


@pytest.mark.parametrize(("error", "told"), [(ModelRefused("no llama3"), "Absent"), (OSError("down"), "Unavailable")])
def test_who_cannot_be_told_is_an_error_for_all_who_ask(run: Run, opened: Open, error: Exception, told: str) -> None:
    async def ask() -> list[object]:
        gateway = opened(model)
        return await asyncio.gather(*(gateway.identity() for _ in range(5)), return_exceptions=True)

    model = ScriptedModel([], error)
    assert [type(each).__name__ for each in run(ask())] == [f"Model{told}"] * 5
    assert model.identified <= 2


def test_a_server_that_does_not_say_who_it_is_holds_up_nobody_for_long(run: Run, opened: Open) -> None:
    async def ask() -> tuple[list[Identity | BaseException], float]:
        gateway = opened(Silent([]), Limits(timeout=10))
        ends = await asyncio.gather(*(gateway.identity() for _ in range(5)), return_exceptions=True)
        return ends, asyncio.get_running_loop().time()

    ends, passed = run(ask())
    assert {type(each) for each in ends} == {TooSlow} and passed <= 20


def test_who_answered_last_is_known_in_the_next_run(run: Run, opened: Open) -> None:
    async def ask(model: ScriptedModel) -> Identity | None:
        gateway = opened(model, None, store)
        if model.identity is LLAMA:
            await gateway.identity()
        return await gateway.recall()

    store = Store()
    assert run(ask(ScriptedModel([], ModelUnavailable("down")))) is None
    assert run(ask(ScriptedModel([], LLAMA))) == LLAMA
    assert run(ask(ScriptedModel([], ModelUnavailable("down")))) == LLAMA


@pytest.mark.parametrize("value", [7, {"tag": "x"}, {"tag": "x", "special": [], "colour": 1}, None])
def test_what_was_remembered_in_another_form_is_not_known(run: Run, opened: Open, value: object) -> None:
    async def ask() -> Identity | None:
        return await opened(ScriptedModel([]), None, store).recall()

    store = Store()
    store.remember("identity.scripted", value)
    assert run(ask()) is None


class Silent(ScriptedModel):
    """Says nothing when it is asked who it is."""

    async def identify(self) -> Identity:
        await asyncio.sleep(1e6)
        return SCRIPTED
