"""What is offered to the authors of plugins for their tests."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sllm_core.models import Completion, ModelUnavailable, Prompt
from sllm_core.testing import SCRIPTED, CountingAnalyzer, ScriptedModel, batch

PROMPT = Prompt("judge", "1", "en", "system", "user", {})


def test_a_scripted_model_answers_in_order_and_keeps_what_it_was_asked() -> None:
    async def ask() -> list[Completion]:
        return [await model.complete(PROMPT) for _ in range(3)]

    model = ScriptedModel([{"label": "값"}, "plain", Completion("cut", finished=False)])
    assert [each.text for each in asyncio.run(ask())] == ['{"label": "값"}', "plain", "cut"]
    assert (model.prompts, model.most) == ([PROMPT] * 3, 1)


def test_a_scripted_model_may_answer_by_the_prompt_or_fail() -> None:
    model = ScriptedModel(lambda prompt: ModelUnavailable(prompt.user))
    with pytest.raises(ModelUnavailable, match="user"):
        asyncio.run(model.complete(PROMPT))


def test_a_scripted_model_says_when_it_has_no_more_answers() -> None:
    with pytest.raises(AssertionError, match="no answer to its prompt number 1"):
        asyncio.run(ScriptedModel([]).complete(PROMPT))


def test_a_scripted_model_takes_its_time_and_counts_who_waits_for_it() -> None:
    async def ask() -> None:
        await asyncio.gather(*(model.complete(PROMPT) for _ in range(3)))

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(0)

    slept: list[float] = []
    model = ScriptedModel(lambda _: "", delay=60, sleep=sleep)
    asyncio.run(ask())
    assert (slept, model.most, model.running) == ([60] * 3, 3, 0)


def test_a_scripted_model_is_whom_it_is_told_to_be() -> None:
    model = ScriptedModel([])
    assert asyncio.run(model.identify()) == SCRIPTED
    model.identity = ModelUnavailable("down")
    with pytest.raises(ModelUnavailable):
        asyncio.run(model.identify())
    assert model.identified == 2


@given(st.lists(st.integers(1, 20), min_size=1, max_size=5))
def test_a_counting_analyzer_counts_each_record_of_the_closed_windows_once(sizes: list[int]) -> None:
    analyzer = CountingAnalyzer()
    given_out = [batch(*["a line"] * size, step=900) for size in sizes]
    findings = [finding for each in given_out for finding in asyncio.run(analyzer.analyze(each))]
    assert sum(each.count for each in findings) == sum(sizes)
    assert len({each.id for each in findings}) == (max(sizes) + 3) // 4
    assert analyzer.batches == given_out
