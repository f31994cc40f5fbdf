from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any

import pytest

from sllm_core.models import (
    Completion,
    Gateway,
    Limits,
    ModelRefused,
    ModelUnavailable,
    NoAnswer,
    Prompt,
    Reply,
    TooSlow,
    UnfitSchema,
)
from sllm_core.testing import SCRIPTED, Answer, ScriptedModel

Run = Callable[[Coroutine[Any, Any, Any]], Any]
Open = Callable[..., Gateway]
Ask = Callable[..., Prompt]

GOOD = {"label": "good"}


def asked(opened: Open, model: ScriptedModel, prompt: Prompt, limits: Limits | None = None) -> Coroutine[Any, Any, Any]:
    async def once() -> tuple[Reply, Gateway]:
        gateway = opened(model, limits)
        return await gateway.ask(prompt), gateway

    return once()


def test_a_valid_answer_is_given_with_what_it_was_and_who_said_it(run: Run, opened: Open, question: Ask) -> None:
    reply, gateway = run(asked(opened, model := ScriptedModel([GOOD], delay=2), question()))
    assert (reply.values, reply.text, reply.model) == (GOOD, '{"label": "good"}', "scripted@5c5c5c5c5c5c")
    assert (reply.seconds, reply.cached) == (2, False)
    assert (len(model.prompts), gateway.counts.calls, gateway.counts.median) == (1, 1, pytest.approx(2, rel=0.01))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("good", "it was not one JSON object"),
        ({"label": "fine"}, "label must be one of: good, bad"),
        (Completion('{"label": "good"}', finished=False), "it was not finished: write less"),
    ],
)
def test_an_answer_that_is_not_valid_is_asked_for_once_more(
    run: Run, opened: Open, question: Ask, wrong: Answer, told: str
) -> None:
    reply, gateway = run(asked(opened, model := ScriptedModel([wrong, GOOD]), question("how is it?")))
    assert (reply.values, gateway.counts.repairs) == (GOOD, 1)
    assert model.prompts[1].user.startswith(f"how is it?\n\nYour last answer could not be used: {told}. Answer")


def test_what_was_wrong_is_told_in_the_language_of_the_prompt(run: Run, opened: Open, question: Ask) -> None:
    run(asked(opened, model := ScriptedModel(["?", GOOD]), question(language="ko")))
    assert "방금 한 답은 쓸 수 없었습니다: JSON 객체 하나가 아니었습니다. 요청한" in model.prompts[1].user


def test_after_two_answers_that_are_not_valid_there_is_none(run: Run, opened: Open, question: Ask) -> None:
    async def ask() -> None:
        gateway = opened(ScriptedModel([{}, "?"]))
        with pytest.raises(NoAnswer, match="judge: no valid answer: label is missing; and when told so: it was not"):
            await gateway.ask(question())
        assert (gateway.counts.no_answers, gateway.counts.calls, gateway.state) == (1, 2, "closed")

    run(ask())


def test_the_check_takes_part_in_the_one_repair(run: Run, opened: Open, question: Ask) -> None:
    def check(values: Mapping[str, Any]) -> str | None:
        return "bad is not true" if values["label"] == "bad" else None

    async def ask() -> Reply:
        return await opened(model).ask(question(), check=check)

    model = ScriptedModel([{"label": "bad"}, GOOD])
    assert run(ask()).values == GOOD
    assert "could not be used: bad is not true. Answer" in model.prompts[1].user


def test_a_schema_that_some_server_does_not_bear_is_not_sent(run: Run, opened: Open, question: Ask) -> None:
    prompt = question()
    prompt.schema["properties"]["label"]["maxLength"] = 9999
    with pytest.raises(UnfitSchema, match="task 'judge': label: 'maxLength' is not supported"):
        run(asked(opened, model := ScriptedModel([]), prompt))
    assert model.prompts == []


def test_calls_that_do_not_get_through_are_repeated_after_a_while(run: Run, opened: Open, question: Ask) -> None:
    down = ModelUnavailable("connection refused")
    reply, gateway = run(asked(opened, ScriptedModel([down, down, down, GOOD]), question()))
    assert (reply.values, reply.seconds) == (GOOD, 0.5 + 1 + 2)
    assert (gateway.counts.retries, gateway.counts.unavailable, gateway.state) == (3, 3, "closed")


def test_after_the_last_of_them_the_caller_is_told(run: Run, opened: Open, question: Ask) -> None:
    with pytest.raises(ModelUnavailable, match="reset"):
        run(asked(opened, model := ScriptedModel(lambda _: ConnectionResetError("reset")), question()))
    assert len(model.prompts) == 4


def test_a_call_that_takes_too_long_is_cancelled_and_not_repeated(run: Run, opened: Open, question: Ask) -> None:
    with pytest.raises(TooSlow, match=r"no answer within 5 s; .* raise \[model\] timeout"):
        run(asked(opened, model := ScriptedModel([GOOD], delay=6), question(), Limits(timeout=5)))
    assert (len(model.prompts), model.running) == (1, 0)


def test_a_prompt_that_is_refused_is_not_repeated_and_stops_nobody(run: Run, opened: Open, question: Ask) -> None:
    async def ask() -> None:
        gateway = opened(ScriptedModel([ModelRefused("too long")] * 9 + [GOOD]))
        for _ in range(9):
            with pytest.raises(ModelRefused, match="too long"):
                await gateway.ask(question())
        assert (await gateway.ask(question())).values == GOOD
        assert (gateway.counts.refused, gateway.counts.retries) == (9, 0)

    run(ask())


def test_a_repair_that_is_refused_leaves_no_answer(run: Run, opened: Open, question: Ask) -> None:
    with pytest.raises(NoAnswer, match="it was not one JSON object; and when told so: too long"):
        run(asked(opened, ScriptedModel(["?", ModelRefused("too long")]), question()))


def test_a_fault_of_the_model_goes_to_who_asked(run: Run, opened: Open, question: Ask) -> None:
    async def ask() -> None:
        gateway = opened(ScriptedModel([KeyError("x"), GOOD]))
        with pytest.raises(KeyError):
            await gateway.ask(question())
        assert (await gateway.ask(question())).values == GOOD

    run(ask())


@pytest.mark.parametrize(("concurrency", "most"), [(0, 3), (2, 2), (9, 9)])
def test_as_many_calls_at_once_as_the_server_or_the_settings_say(
    run: Run, opened: Open, question: Ask, concurrency: int, most: int
) -> None:
    async def ask() -> None:
        gateway = opened(model, Limits(concurrency=concurrency))
        await asyncio.gather(*(gateway.ask(question(str(number))) for number in range(20)))

    model = ScriptedModel(lambda _: GOOD, replace(SCRIPTED, parallel=3), delay=1)
    run(ask())
    assert (model.most, len(model.prompts)) == (most, 20)


def test_what_is_urgent_is_asked_first(run: Run, opened: Open, question: Ask) -> None:
    async def ask() -> None:
        gateway = opened(model)
        priorities = (0.5, 3.0, 2.0, 3.0)
        await asyncio.gather(*(gateway.ask(question(f"{n}"), priority=p) for n, p in enumerate(priorities)))

    model = ScriptedModel(lambda _: GOOD, delay=1)
    run(ask())
    assert [each.user for each in model.prompts] == ["0", "1", "3", "2"]


def test_who_is_out_of_patience_is_told_at_once(run: Run, opened: Open, question: Ask) -> None:
    async def ask() -> float:
        gateway = opened(ScriptedModel(lambda _: GOOD, delay=10))
        first = asyncio.create_task(gateway.ask(question("first")))
        await asyncio.sleep(1)
        with pytest.raises(ModelUnavailable, match="busy"):
            await gateway.ask(question("second"), patience=2)
        passed = asyncio.get_running_loop().time()
        await first
        return passed

    assert run(ask()) == 3


def test_a_call_that_is_cancelled_inside_the_model_does_not_cancel_who_asked(
    run: Run, opened: Open, question: Ask
) -> None:
    def answer(prompt: Prompt) -> Answer:
        if len(model.prompts) == 1:
            raise asyncio.CancelledError
        return GOOD

    model = ScriptedModel(answer)
    reply, _ = run(asked(opened, model, question()))
    assert (reply.values, len(model.prompts)) == (GOOD, 2)


def test_who_goes_away_ends_the_call_and_leaves_room(run: Run, opened: Open, question: Ask) -> None:
    async def ask() -> tuple[Reply, float]:
        gateway = opened(model)
        first = asyncio.create_task(gateway.ask(question("first")))
        await asyncio.sleep(1)
        first.cancel()
        return await gateway.ask(question("second")), asyncio.get_running_loop().time()

    model = ScriptedModel(lambda _: GOOD, delay=10)
    assert run(ask())[1] == 11
    assert model.running == 0


def test_closing_ends_what_runs_and_what_waits_and_closes_the_model_once(run: Run, opened: Open, question: Ask) -> None:
    async def ask() -> None:
        gateway = opened(model)
        asks = [asyncio.create_task(gateway.ask(question(str(number)))) for number in range(3)]
        await asyncio.sleep(1)
        await gateway.close()
        await gateway.close()
        ends = await asyncio.gather(*asks, gateway.ask(question()), gateway.ready(), return_exceptions=True)
        assert {str(each) for each in ends} == {"the gateway to the model is closed"}
        assert asyncio.get_running_loop().time() == 1
        assert asyncio.all_tasks() == {asyncio.current_task()}

    model = ScriptedModel(lambda _: GOOD, delay=10)
    run(ask())
    assert (model.closed, model.running) == (1, 0)
