from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest

from sllm_core.models import Gateway, Limits, ModelAbsent, ModelRefused, ModelUnavailable, Prompt
from sllm_core.store import Store
from sllm_core.testing import SCRIPTED, ScriptedModel

Run = Callable[[Coroutine[Any, Any, Any]], Any]
Open = Callable[..., Gateway]
Ask = Callable[..., Prompt]

TUNED = replace(SCRIPTED, tag="tuned", digest="ab" * 32)
GOOD, BAD = {"label": "good"}, {"label": "bad"}


def configured(delay: float = 0.0) -> ScriptedModel:
    return ScriptedModel(lambda _: GOOD, delay=delay)


def tuned(delay: float = 0.0) -> ScriptedModel:
    return ScriptedModel(lambda _: BAD, TUNED, name="scripted tuned", delay=delay)


def test_the_next_calls_go_to_the_other_model_and_back(run: Run, opened: Open, question: Ask) -> None:
    async def ask() -> list[str]:
        gateway, said = opened(configured()), []
        for model in (None, other, None):
            gateway.switch(model)
            said.append((await gateway.ask(question())).model)
        return said

    other = tuned()
    assert run(ask()) == ["scripted@5c5c5c5c5c5c", "tuned@abababababab", "scripted@5c5c5c5c5c5c"]


def test_who_is_configured_and_who_is_asked_can_be_told(run: Run, opened: Open) -> None:
    async def tell() -> tuple[bool, ...]:
        gateway = opened(first)
        gateway.switch(other)
        seen = (gateway.model is first, gateway.serving is other, (await gateway.identity()) == TUNED)
        gateway.switch(None)
        return (*seen, gateway.serving is first)

    first, other = configured(), tuned()
    assert run(tell()) == (True, True, True, True)


def test_a_call_that_is_out_is_told_under_the_weights_that_gave_it(run: Run, opened: Open, question: Ask) -> None:
    async def ask() -> tuple[object, ...]:
        gateway = opened(first)
        asked = asyncio.create_task(gateway.ask(question()))
        await asyncio.sleep(1)
        gateway.switch(tuned())
        reply = await asked
        return reply.values, reply.model, (await gateway.ask(question())).model

    first = configured(delay=5)
    assert run(ask()) == (GOOD, "scripted@5c5c5c5c5c5c", "tuned@abababababab")


def test_a_call_that_fails_is_repeated_with_the_model_of_now(run: Run, opened: Open, question: Ask) -> None:
    async def ask() -> str:
        gateway = opened(first)
        asked = asyncio.create_task(gateway.ask(question()))
        await asyncio.sleep(1)
        gateway.switch(tuned())
        return (await asked).model

    first = ScriptedModel([ModelUnavailable("unloaded")], delay=5)
    assert run(ask()) == "tuned@abababababab"


def test_calls_that_wait_for_their_turn_go_to_the_model_of_now(run: Run, opened: Open, question: Ask) -> None:
    async def ask() -> list[str]:
        gateway = opened(configured(delay=5))
        asks = [asyncio.create_task(gateway.ask(question(str(number)))) for number in range(3)]
        await asyncio.sleep(1)
        gateway.switch(tuned())
        return [each.model for each in await asyncio.gather(*asks)]

    assert run(ask()) == ["scripted@5c5c5c5c5c5c", *["tuned@abababababab"] * 2]


def test_it_may_be_switched_from_another_thread(run: Run, opened: Open, question: Ask) -> None:
    async def ask() -> str:
        gateway = opened(configured())
        await gateway.ask(question())
        await asyncio.to_thread(gateway.switch, tuned())
        return (await gateway.ask(question())).model

    assert run(ask()) == "tuned@abababababab"


def test_a_replaced_model_is_closed_when_its_last_call_has_ended(run: Run, opened: Open, question: Ask) -> None:
    async def ask() -> list[int]:
        gateway, closed = opened(first), []
        gateway.switch(other)
        asked = asyncio.create_task(gateway.ask(question()))
        await asyncio.sleep(1)
        gateway.switch(None)
        await gateway.identity()
        closed.append(other.closed)
        await asked
        return [*closed, other.closed, first.closed]

    first, other = configured(), tuned(delay=5)
    assert run(ask()) == [0, 1, 0]


def test_closing_closes_each_model_once(run: Run, opened: Open) -> None:
    async def close() -> list[int]:
        gateway = opened(models[0])
        for each in models[1:]:
            gateway.switch(each)
        gateway.switch(models[1])
        await gateway.close()
        return [each.closed for each in models]

    models = [configured(), tuned(), tuned()]
    assert run(close()) == [1, 1, 1]


def test_a_model_that_refused_everything_holds_nobody_up_once_it_is_replaced(
    run: Run, opened: Open, question: Ask
) -> None:
    async def ask() -> tuple[str, float]:
        gateway = opened(gone)
        with pytest.raises(ModelAbsent):
            await gateway.ask(question())
        gateway.switch(tuned())
        await asyncio.sleep(0)
        return (await gateway.ask(question())).model, asyncio.get_running_loop().time()

    gone = ScriptedModel([], ModelRefused("there is no such tag"))
    assert run(ask()) == ("tuned@abababababab", 0.0)


def test_the_pause_after_failures_comes_back_after_a_switch(run: Run, opened: Open, question: Ask) -> None:
    async def ask() -> list[float]:
        gateway, loop = opened(configured(), Limits(retries=0, failures=1, pause=8)), asyncio.get_running_loop()
        times = []
        for model in (ScriptedModel([ModelUnavailable("down")]), ScriptedModel([ModelUnavailable("down"), GOOD])):
            gateway.switch(model)
            await asyncio.sleep(0)
            with pytest.raises(ModelUnavailable):
                await gateway.ask(question())
            await asyncio.sleep(1)
            times.append(loop.time())
        await gateway.ready()
        return [*times, loop.time()]

    assert run(ask()) == [1.0, 2.0, 9.0]


def test_answers_are_kept_by_the_weights_that_gave_them(run: Run, opened: Open, question: Ask) -> None:
    async def ask() -> list[tuple[object, bool]]:
        gateway, said = opened(configured(), None, Store()), []
        for model in (None, tuned(), None, tuned()):
            gateway.switch(model)
            reply = await gateway.ask(question())
            said.append((reply.values["label"], reply.cached))
        return said

    assert run(ask()) == [("good", False), ("bad", False), ("good", True), ("bad", True)]
