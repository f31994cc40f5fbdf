"""The server goes away, comes back, lacks the model, or fails at random."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sllm_core.models import (
    Gateway,
    Limits,
    ModelAbsent,
    ModelRefused,
    ModelUnavailable,
    NoAnswer,
    Prompt,
    Reply,
)
from sllm_core.testing import SCRIPTED, Answer, ScriptedModel

Run = Callable[[Coroutine[Any, Any, Any]], Any]
Open = Callable[..., Gateway]
Ask = Callable[..., Prompt]

GOOD, DOWN = {"label": "good"}, ModelUnavailable("down")
HASTY = Limits(retries=0, failures=2, pause=8, longest_pause=60)


async def fail(gateway: Gateway, question: Ask, times: int = 2) -> None:
    for number in range(times):
        with pytest.raises(ModelUnavailable):
            await gateway.ask(question(f"failing {number}"))


def test_a_server_that_fails_again_and_again_is_left_alone_for_a_while(run: Run, opened: Open, question: Ask) -> None:
    async def ask() -> tuple[Reply, float]:
        gateway = opened(model, HASTY)
        await fail(gateway, question)
        assert (gateway.state, gateway.reason) == ("open", "down")
        return await gateway.ask(question()), asyncio.get_running_loop().time()

    model = ScriptedModel([DOWN, DOWN, GOOD])
    reply, passed = run(ask())
    assert (reply.values, passed, len(model.prompts)) == (GOOD, 8, 3)


def test_when_it_is_tried_again_one_call_goes_out_and_the_rest_wait(run: Run, opened: Open, question: Ask) -> None:
    async def ask() -> list[int]:
        gateway = opened(model, HASTY)
        await fail(gateway, question)
        asks = [asyncio.create_task(gateway.ask(question(str(number)))) for number in range(4)]
        running = []
        for seconds in (9, 5):
            await asyncio.sleep(seconds)
            running.append(model.running)
        await asyncio.gather(*asks)
        return running

    outcomes: list[Answer] = [DOWN, DOWN, GOOD, GOOD, GOOD, GOOD]
    model = ScriptedModel(outcomes, replace(SCRIPTED, parallel=4), delay=5)
    assert run(ask()) == [1, 3]


def test_a_try_that_is_given_up_leaves_it_to_the_next(run: Run, opened: Open, question: Ask) -> None:
    async def ask() -> tuple[Reply, float]:
        gateway = opened(model, HASTY)
        await fail(gateway, question)
        await gateway.ready()
        model.delay = 5
        first = asyncio.create_task(gateway.ask(question("first")))
        await asyncio.sleep(1)
        first.cancel()
        return await gateway.ask(question("second")), asyncio.get_running_loop().time()

    model = ScriptedModel([DOWN, DOWN, GOOD])
    assert run(ask())[1] == 8 + 1 + 5


def test_who_has_no_patience_is_told_at_once_while_it_is_left_alone(run: Run, opened: Open, question: Ask) -> None:
    async def ask() -> float:
        gateway = opened(ScriptedModel([DOWN, DOWN]), HASTY)
        await fail(gateway, question)
        with pytest.raises(ModelUnavailable, match="down"):
            await gateway.ask(question(), patience=7)
        return asyncio.get_running_loop().time()

    assert run(ask()) == 0


def test_ready_waits_until_it_is_worth_asking(run: Run, opened: Open, question: Ask) -> None:
    async def ask() -> list[float]:
        gateway, times = opened(ScriptedModel([DOWN, DOWN, DOWN, GOOD]), HASTY), []
        await fail(gateway, question)
        for times_failed in (1, 0):
            await gateway.ready()
            times.append(asyncio.get_running_loop().time())
            await fail(gateway, question, times_failed)
        assert (await gateway.ask(question())).values == GOOD
        await gateway.ready()
        return times

    assert run(ask()) == [8, 8 + 16]


@pytest.mark.parametrize("error", [DOWN, ModelRefused("no llama3")])
def test_who_asks_again_and_again_who_answers_does_not_hammer_a_server(
    run: Run, opened: Open, error: Exception
) -> None:
    async def ask() -> None:
        gateway = opened(model, Limits(failures=2))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(600):
                while True:
                    await gateway.ready()
                    with pytest.raises(ModelUnavailable):
                        await gateway.identity()

    model = ScriptedModel([], error)
    run(ask())
    assert 10 <= model.identified <= 20


def test_a_server_that_says_who_it_is_but_fails_to_answer_stays_alone(run: Run, opened: Open, question: Ask) -> None:
    async def ask() -> str:
        gateway = opened(ScriptedModel([DOWN, DOWN]), HASTY)
        await fail(gateway, question)
        await gateway.ready()
        assert await gateway.identity() == SCRIPTED
        state: str = gateway.state
        return state

    assert run(ask()) == "half-open"


def test_a_missing_model_is_told_at_once_to_all_and_looked_for_slowly(run: Run, opened: Open, question: Ask) -> None:
    async def ask() -> None:
        gateway = opened(model, HASTY)
        asks = [gateway.ask(question(str(number)), priority=number) for number in range(3)]
        for end in await asyncio.gather(*asks, return_exceptions=True):
            assert isinstance(end, ModelAbsent) and str(end) == "no llama3: ollama pull llama3"
        assert (gateway.state, gateway.reason) == ("refused", "no llama3: ollama pull llama3")
        model.identity = SCRIPTED
        await gateway.ready()
        assert (await gateway.ask(question())).values == GOOD
        assert (asyncio.get_running_loop().time(), gateway.state) == (60, "closed")

    model = ScriptedModel([GOOD], ModelRefused("no llama3: ollama pull llama3"))
    run(ask())
    assert model.identified == 3


def test_a_model_that_is_deleted_meanwhile_is_missing_and_its_prompt_is_not_refused(
    run: Run, opened: Open, question: Ask
) -> None:
    def answer(prompt: Prompt) -> Answer:
        model.identity = ModelRefused("no llama3")
        return ModelRefused("model not found")

    async def ask() -> str:
        gateway = opened(model)
        with pytest.raises(ModelAbsent, match="no llama3"):
            await gateway.ask(question())
        state: str = gateway.state
        return state

    model = ScriptedModel(answer)
    assert run(ask()) == "refused"


def test_weights_that_are_replaced_while_they_answer_are_asked_again(run: Run, opened: Open, question: Ask) -> None:
    def answer(prompt: Prompt) -> Answer:
        model.identity = replace(SCRIPTED, digest="ab" * 32)
        return GOOD

    async def ask() -> Reply:
        return await opened(model).ask(question())

    model = ScriptedModel(answer)
    reply = run(ask())
    assert (reply.model, len(model.prompts)) == ("scripted@abababababab", 2)


def test_weights_that_keep_changing_are_told(run: Run, opened: Open, question: Ask) -> None:
    def answer(prompt: Prompt) -> Answer:
        model.identity = replace(SCRIPTED, digest=f"{len(model.prompts):064x}")
        return GOOD

    async def ask() -> None:
        await opened(model).ask(question())

    model = ScriptedModel(answer)
    with pytest.raises(ModelUnavailable, match="the weights of scripted were replaced while they answered"):
        run(ask())


def test_calls_that_end_together_share_one_question_who_answers(run: Run, opened: Open, question: Ask) -> None:
    async def ask() -> None:
        gateway = opened(model)
        await gateway.identity()
        await asyncio.gather(*(gateway.ask(question(str(number))) for number in range(40)))

    model = ScriptedModel(lambda _: GOOD, replace(SCRIPTED, parallel=40), delay=1)
    run(ask())
    assert model.identified <= 3


OUTCOMES = st.sampled_from([GOOD, GOOD, "?", DOWN, ModelRefused("no"), OSError("reset"), KeyError("x")])
CASES = st.lists(st.tuples(st.lists(OUTCOMES, min_size=1), st.integers(0, 9), st.sampled_from([0.0, 3.0])), max_size=12)


@given(CASES, st.integers(1, 3), st.integers(0, 400) | st.none())
@settings(max_examples=60)
def test_every_question_ends_once_whatever_happens(
    run: Run, opened: Open, question: Ask, cases: list[tuple[list[Answer], int, float]], room: int, end: int | None
) -> None:
    async def ask() -> None:
        gateway = opened(model, Limits(concurrency=room, failures=3, timeout=20))
        asks = [asyncio.create_task(gateway.ask(question(f"{n}"), priority=n % 3)) for n in range(len(cases))]
        loop = asyncio.get_running_loop()
        for each, (*_, leave) in zip(asks, cases, strict=True):
            if leave:
                loop.call_later(leave, each.cancel)
        if end is not None:
            await asyncio.sleep(end)
            await gateway.close()
        ends = await asyncio.gather(*asks, return_exceptions=True)
        expected = (Reply, NoAnswer, ModelUnavailable, ModelRefused, KeyError, asyncio.CancelledError)
        assert all(isinstance(each, expected) for each in ends)
        assert (gateway.counts.waiting, gateway.counts.running, model.running) == (0, 0, 0)
        await gateway.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    def answer(prompt: Prompt) -> Answer:
        number = prompt.user.split("\n")[0]
        seen[number] += 1
        outcomes = cases[int(number)][0]
        return outcomes[seen[number] % len(outcomes)]

    seen: Counter[str] = Counter()
    model = ScriptedModel(answer, delay=2)
    run(ask())
    assert model.most <= room and model.closed == 1
